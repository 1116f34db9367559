//! TLS to the server: its certificate is verified, with its name, or there is no connection.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::{Address, Seal};
use crate::OpenError;

/// What makes a connection's TLS, if the address wants any.
pub(super) fn connector(address: &Address) -> Result<MakeRustlsConnect, OpenError> {
    let authorities = match &address.seal {
        Seal::None => RootCertStore::empty(),
        Seal::Verified { authorities: Some(file) } => read(file)?,
        Seal::Verified { authorities: None } => of_the_system()?,
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::BadUrl { reason: error.to_string() })?
        .with_root_certificates(authorities)
        .with_no_client_auth();
    if address.is_direct() {
        // Where TLS begins with the first byte this name says what is spoken inside.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

fn read(file: &Path) -> Result<RootCertStore, OpenError> {
    let unusable = |error: &dyn std::fmt::Display| OpenError::Unreadable {
        path: file.to_owned(),
        reason: error.to_string(),
    };
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))?;
    let mut authorities = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        authorities.add(certificate).map_err(|error| unusable(&error))?;
    }
    if authorities.is_empty() {
        return Err(unusable(&io::Error::other("it holds no certificate (PEM)")));
    }
    Ok(authorities)
}

fn of_the_system() -> Result<RootCertStore, OpenError> {
    let mut authorities = RootCertStore::empty();
    authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if authorities.is_empty() {
        let reason = "this system trusts no authority, so no server can prove its name: install \
                      ca-certificates, or name a file by sslrootcert=";
        return Err(OpenError::BadUrl { reason: reason.to_owned() });
    }
    Ok(authorities)
}
