//! Token introspection, through the router.
