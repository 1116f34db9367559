//! Users, apps and scopes declared in a file.
