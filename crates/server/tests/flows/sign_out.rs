//! Signing out, through the router.
