// A world that strains the pages: a developer with very many apps, one of which has a very long name, no
// space in its description, and asks for everything.

export const busy = { username: 'busy', email: 'busy@e2e.example', password: 'busy has a long one too' };

/** How many apps the busy developer owns. */
export const crowdedApps = 200;

/** The client id of the app with the long name. */
export const longApp = 'ffffffffffffffffffffffffffffffff';

const longUri = `https://an-app-with-a-rather-long-name.example/${'path/'.repeat(20)}callback`;

/** The apps.toml of it. */
export const crowded = `[[user]]
username = "${busy.username}"
email = "${busy.email}"
password = "${busy.password}"

[[app]]
name = "Greater Donaudampfschifffahrtsgesellschaft Timetable and Evening Music Reader"
description = "${'Unbroken'.repeat(40)}"
client_id = "${longApp}"
type = "public"
redirect_uris = ["${longUri}"]
grants = ["implicit"]
owner = "${busy.username}"
${Array.from({ length: crowdedApps - 1 }, (_, number) => app(number)).join('')}`;

/** What the app with the long name asks for. */
export const longRequest = {
  client_id: longApp,
  redirect_uri: longUri,
};

/** What the apps of the first pages of their owner's list ask for. */
export const crowdedRequests = [
  longRequest,
  ...Array.from({ length: 29 }, (_, number) => ({ client_id: idOf(number), redirect_uri: uriOf(number) })),
];

function idOf(number) {
  return number.toString(16).padStart(32, '0');
}

function uriOf(number) {
  return `https://app${number}.example/callback`;
}

function app(number) {
  return `
[[app]]
name = "App number ${number}"
client_id = "${idOf(number)}"
type = "public"
redirect_uris = ["${uriOf(number)}"]
grants = ["implicit"]
owner = "${busy.username}"
`;
}
