// Where this app finds its accounts service and its API. `hallpass demo` answers this file's address
// with settings of its own; change it if you serve the folder yourself.
window.hallpassConfig = {
  // The authorization endpoint of the accounts service.
  authorizeUrl: 'http://127.0.0.1:8080/authorize',
  // Its token endpoint, where a code becomes tokens.
  tokenUrl: 'http://127.0.0.1:8080/api/token',
  // The API that the access token opens. The app asks for `<apiUrl>/me`.
  apiUrl: 'http://127.0.0.1:8081/v1',
  // The client id from the dashboard. The app there is a public one, uses authorization codes and refresh
  // tokens, and has this page's origin followed by `/callback` as a redirect URI:
  // http://localhost:8889/callback, for example.
  clientId: '',
  // What to ask for, separated by spaces.
  scope: 'user-read-private user-read-email',
};
