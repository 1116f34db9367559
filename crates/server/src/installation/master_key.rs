//! The master key: the file it lies in, and what it may be beside.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_protocol::model::{MasterKey, Randomness as _};
use hallpass_store::Location;
use zeroize::Zeroizing;

use super::{InstallationError, MASTER_KEY, file_error};
use crate::state::SystemRandomness;

/// The directory, made with access for its owner alone if it is not there.
pub(super) fn make_directory(path: &Path) -> Result<(), InstallationError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| file_error(path, &error))
}

/// The key in the file in `data`, if there is one. A key without its embedded database means that the
/// database was lost, and a new one would hide that. (A database elsewhere may well be new to this node.)
pub(super) fn known(
    data: &Path,
    database: &Location,
) -> Result<Option<MasterKey>, InstallationError> {
    let path = data.join(MASTER_KEY);
    let has_database = match database {
        // The engine takes an empty file for a new database; here it is one that was cut off.
        Location::File(file) => std::fs::metadata(file).is_ok_and(|file| file.len() > 0),
        Location::Postgres(_) => true,
    };
    match (path.exists(), has_database) {
        (false, _) => Ok(None),
        (true, true) => read_key_file(&path).map(Some),
        (true, false) => Err(InstallationError::File {
            path,
            reason: "the master key is here, but its database is gone. Restore the database from a backup, or move the key away to begin anew.".to_owned(),
        }),
    }
}

fn read_key_file(path: &Path) -> Result<MasterKey, InstallationError> {
    let mut file = File::open(path).map_err(|error| file_error(path, &error))?;
    let metadata = file.metadata().map_err(|error| file_error(path, &error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let reason = format!(
            "others can read the master key (mode {mode:o}). Run: chmod 600 {}",
            path.display()
        );
        return Err(InstallationError::File { path: path.to_owned(), reason });
    }
    let mut text = Zeroizing::new(String::new());
    file.read_to_string(&mut text).map_err(|error| file_error(path, &error))?;
    read(&text).ok_or_else(|| InstallationError::File {
        path: path.to_owned(),
        reason:
            "this is not a master key: it has 43 characters of base64url. Put the right file back."
                .to_owned(),
    })
}

/// A new key, in a file that is not there yet.
pub(super) fn make_file(path: &Path) -> Result<MasterKey, InstallationError> {
    let mut material = Zeroizing::new([0; MasterKey::LENGTH]);
    SystemRandomness.fill(material.as_mut_slice());
    let text = Zeroizing::new(format!("{}\n", URL_SAFE_NO_PAD.encode(material.as_slice())));
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| file_error(path, &error))?;
    Ok(MasterKey::new(&material))
}

/// The key that this text is.
pub(super) fn read(text: &str) -> Option<MasterKey> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).ok()?);
    let material = Zeroizing::new(<[u8; MasterKey::LENGTH]>::try_from(bytes.as_slice()).ok()?);
    Some(MasterKey::new(&material))
}
