//! The table of refusals, row by row: every attack and bad input that this much of the product can
//! meet. `tests/refusals.md` says where each row is tested; [`table`] keeps that true.

mod page;
mod redirect_uri;
mod redirects;
mod requests;
mod table;
