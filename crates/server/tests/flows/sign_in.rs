//! Signing in, through the router.
