//! The dashboard, through the router.
