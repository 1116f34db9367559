//! Both ends of a copy, each by its engine.

use std::fs;
use std::path::Path;

use crate::transfer::end::Source as _;
use crate::transfer::{Transfer, TransferError};
use crate::{Location, postgres, sqlite};

/// Opens two databases to copy one into the other. No server can open a SQLite file meanwhile.
///
/// # Errors
/// A [`TransferError`]; nothing was changed then, but that the target may have got its tables.
pub async fn open_transfer(from: &Location, to: &Location) -> Result<Transfer, TransferError> {
    match (from, to) {
        (Location::File(from), Location::File(to)) => {
            if is_same(from, to) {
                let place = from.display().to_string();
                return Err(TransferError::SameDatabase { place });
            }
            let source = sqlite::transfer::source(from)?;
            Ok(Transfer::new(source, sqlite::transfer::target(to)?))
        }
        (Location::File(from), Location::Postgres(to)) => {
            let source = sqlite::transfer::source(from)?;
            Ok(Transfer::new(source, postgres::transfer::target(to).await?))
        }
        (Location::Postgres(from), Location::File(to)) => {
            let source = postgres::transfer::source(from).await?;
            Ok(Transfer::new(source, sqlite::transfer::target(to)?))
        }
        (Location::Postgres(from), Location::Postgres(to)) => {
            let source = postgres::transfer::source(from).await?;
            let target = postgres::transfer::target(to).await?;
            if source.is_same(&target) {
                return Err(TransferError::SameDatabase { place: target.place().to_owned() });
            }
            Ok(Transfer::new(source, target))
        }
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
