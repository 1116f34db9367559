//! Signing up, through the router.
