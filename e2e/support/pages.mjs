// What a person does on the pages. The ids are those that wire.md promises to everybody.

import assert from 'node:assert/strict';

/** Fills in the sign-in page that is open and sends it. */
export async function signIn(page, person) {
  await page.fill('#login-username', person.username);
  await page.fill('#login-password', person.password);
  await page.click('#login-button');
}

/** Waits for the consent page. */
export function consent(page) {
  return page.waitForSelector('#auth-accept');
}

export async function agree(page) {
  await consent(page);
  await page.click('[data-testid="auth-accept"]');
}

export async function cancel(page) {
  await consent(page);
  await page.click('[data-testid="auth-cancel"]');
}

/** In the sample app: waits until somebody's profile is shown, and says whose. */
export async function shownProfile(page) {
  await page.waitForSelector('#profile:visible');
  await page.waitForFunction(() => document.querySelector('#display-name')?.textContent.trim());
  return (await page.textContent('#display-name')).trim();
}

/** The page shows `sentence` as the first line of its main text, under one heading. */
export async function showsRefusal(page, sentence) {
  await page.waitForSelector('main h1');
  const text = await page.innerText('main');
  assert.equal(text.trim().split('\n')[0].trim(), sentence);
  assert.equal(await page.locator('h1').count(), 1);
}

/** Presses Tab until the element is focused, as somebody without a mouse does. */
export async function tabTo(page, selector) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`no way to ${selector} with the Tab key`);
}
