//! Rules of registering and editing a client.
