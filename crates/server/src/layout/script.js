// Comfort only: every page works without this file. It talks to nobody.
'use strict';

// An answer for an app, which its page sends at once.
document.querySelector('form[data-send-at-once]')?.submit();

// A button that copies the text of another element, or the value of a field.
for (const button of document.querySelectorAll('[data-copy]')) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(source);
      button.textContent = 'Selected';
    }
    announce(button.textContent);
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}

// A line that screen readers read out whenever it changes.
function announce(text) {
  let line = document.getElementById('announcement');
  if (!line) {
    line = document.createElement('p');
    line.id = 'announcement';
    line.className = 'skip';
    line.setAttribute('role', 'status');
    document.body.append(line);
  }
  line.textContent = '';
  requestAnimationFrame(() => { line.textContent = text; });
}

// Show and hide a password.
for (const button of document.querySelectorAll('[data-reveal]')) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.setAttribute('aria-controls', field.id);
  button.setAttribute('aria-label', 'Show password');
  button.addEventListener('click', () => {
    const shown = field.type === 'password';
    field.type = shown ? 'text' : 'password';
    button.textContent = shown ? 'Hide' : 'Show';
    button.setAttribute('aria-label', shown ? 'Hide password' : 'Show password');
  });
  field.form.addEventListener('submit', () => { field.type = 'password'; });
}

// What is wrong with a redirect URI: the mistakes that are common, in the words of the server, which
// judges all of it again. Null if nothing is.
function redirectUriProblem(text) {
  if (text === '') return null;
  const odd = text.match(/[^\x21-\x7e]|["<>\\^`{|}]/);
  if (odd) {
    const shown = odd[0] === ' ' ? 'the space' : odd[0];
    return `A redirect URI holds only ASCII characters that RFC 3986 allows; escape ${shown} as %XX, and write an international host name in its xn-- form.`;
  }
  if (text.includes('#')) return "A redirect URI has no fragment: remove the # and what follows it. The answer's own data goes there.";
  if (text.includes('*')) return 'Wildcards are not possible: register each redirect URI in full.';
  const parts = text.match(/^([a-z][a-z0-9+.-]*):(.*)$/);
  if (!parts) return 'Begin with a scheme in lower case, such as https://.';
  const [, scheme, rest] = parts;
  if (scheme !== 'http' && scheme !== 'https') {
    if (/^(about|blob|data|file|ftp|intent|javascript|mailto|tel|vbscript|view-source|wss?)$/.test(scheme)) return `${scheme}: cannot be used: it does not lead to your app.`;
    return /^\/*$/.test(rest) ? `Add something after the scheme, such as ${scheme}:/callback.` : null;
  }
  if (!rest.startsWith('//')) return 'Begin with a scheme in lower case, such as https://.';
  const authority = rest.slice(2).split(/[/?]/)[0];
  if (authority.includes('@')) return 'A redirect URI has no user name or password: remove what stands before the @.';
  const host = authority.replace(/:\d*$/, '');
  if (host === '') return 'This is not a host name or address that a browser could open.';
  if (host !== host.toLowerCase()) return `Write the host as a browser does: ${host.toLowerCase()}.`;
  if (scheme === 'http' && !['localhost', '127.0.0.1', '[::1]'].includes(host)) return 'http is only for localhost and loopback addresses (127.0.0.1 and [::1]); use https.';
  return null;
}

// Redirect URIs: one field a row, judged while they are typed, rows as many as are wanted.
for (const rows of document.querySelectorAll('[data-rows]')) {
  const add = rows.parentElement.querySelector('[data-add-row]');
  let count = rows.children.length;

  const judge = (row, soon) => {
    const field = row.querySelector('input');
    const line = row.querySelector('.problem');
    const problem = redirectUriProblem(field.value.trim());
    // A scheme half typed is no mistake yet.
    if (soon && problem && document.activeElement === field && !field.value.includes('/')) return;
    line.hidden = !problem;
    line.querySelector('span').textContent = problem ?? '';
    row.querySelector('.caution')?.remove();
    if (problem) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
  };
  const prepare = (row) => {
    const field = row.querySelector('input');
    const remove = row.querySelector('[data-remove-row]');
    remove.hidden = false;
    field.addEventListener('input', () => judge(row, true));
    field.addEventListener('blur', () => judge(row, false));
    remove.addEventListener('click', () => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      if (next) row.remove();
      else field.value = '';
      (next ?? row).querySelector('input').focus();
      rows.dispatchEvent(new Event('input', { bubbles: true }));
    });
  };

  for (const row of rows.children) prepare(row);
  add.addEventListener('click', (event) => {
    event.preventDefault();
    const row = rows.lastElementChild.cloneNode(true);
    const field = row.querySelector('input');
    count += 1;
    field.removeAttribute('value');
    field.value = '';
    const numbered = (text) => text.replace(/\d+$/, count);
    const remove = row.querySelector('[data-remove-row]');
    field.id = numbered(field.id);
    field.removeAttribute('aria-invalid');
    field.setAttribute('aria-label', numbered(field.getAttribute('aria-label')));
    field.setAttribute('aria-describedby', `${field.id}-problem`);
    remove.setAttribute('aria-label', numbered(remove.getAttribute('aria-label')));
    row.querySelector('.problem').id = `${field.id}-problem`;
    row.querySelector('.problem').hidden = true;
    row.querySelector('.caution')?.remove();
    rows.append(row);
    prepare(row);
    field.focus();
  });
}

// Changes that are not saved yet are told, and not lost by a slip.
let unsaved = false;
addEventListener('beforeunload', (event) => { if (unsaved) event.preventDefault(); });
for (const form of document.querySelectorAll('form[data-unsaved]')) {
  const note = form.querySelector('.unsaved');
  unsaved ||= !note.hidden;
  form.addEventListener('input', () => {
    unsaved = true;
    note.hidden = false;
    note.parentElement.classList.add('stuck');
  });
}
addEventListener('submit', (event) => { if (!event.defaultPrevented) unsaved = false; });

// A form that asks before it acts. Without script the server asks, on a page of its own.
for (const form of document.querySelectorAll('form[data-confirm]')) {
  form.addEventListener('submit', (event) => {
    if (form.elements.confirmed) return;
    event.preventDefault();
    const dialog = document.createElement('dialog');
    const question = document.createElement('p');
    question.textContent = form.dataset.confirm;
    question.id = 'confirm-question';
    dialog.setAttribute('aria-labelledby', question.id);
    const answers = document.createElement('div');
    answers.className = 'answers';
    const answer = (label, kind, act) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.className = kind;
      button.addEventListener('click', act);
      answers.append(button);
    };
    answer('Cancel', '', () => dialog.close());
    answer(event.submitter.textContent, 'danger', () => {
      const confirmed = document.createElement('input');
      confirmed.type = 'hidden';
      confirmed.name = 'confirmed';
      confirmed.value = 'yes';
      form.append(confirmed);
      unsaved = false;
      form.submit();
    });
    dialog.append(question, answers);
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  });
}
