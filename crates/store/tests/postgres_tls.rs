//! The way to a database: its certificate is verified, with its name, or nothing is sent.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cluster;

use std::fs;
use std::sync::Arc;

use hallpass_store::{OpenError, PostgresSettings, PostgresStore};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;

use cluster::{Schema, socket};

/// What a server does when it is asked for TLS.
#[derive(Clone)]
enum Door {
    /// It agrees, and shows a certificate.
    Sealed(TlsAcceptor),
    /// It expects TLS from the first byte on.
    SealedAtOnce(TlsAcceptor),
    /// It has none.
    Open,
}

/// An authority, and the file that tells of it.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, directory }
    }

    /// What a URL says to trust it.
    fn parameter(&self) -> String {
        format!("sslrootcert={}", self.directory.path().join("ca.pem").display())
    }

    /// The TLS of a server with this name.
    fn acceptor(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![certificate.der().clone()], key)
                .unwrap();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Stands in front of the cluster with this door; answers its port.
async fn server(door: Door) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, door.clone()));
        }
    });
    port
}

async fn serve(mut stream: TcpStream, door: Door) -> std::io::Result<()> {
    let mut cluster = UnixStream::connect(socket()).await?;
    if !matches!(door, Door::SealedAtOnce(_)) {
        // The length and the number of a request for TLS.
        let mut request = [0; 8];
        stream.read_exact(&mut request).await?;
        assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47]);
    }
    match door {
        Door::Sealed(acceptor) => {
            stream.write_all(b"S").await?;
            let mut stream = acceptor.accept(stream).await?;
            copy_bidirectional(&mut stream, &mut cluster).await?;
        }
        Door::SealedAtOnce(acceptor) => {
            let mut stream = acceptor.accept(stream).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"postgresql"[..]));
            copy_bidirectional(&mut stream, &mut cluster).await?;
        }
        Door::Open => stream.write_all(b"N").await?,
    }
    Ok(())
}

async fn open(port: u16, schema: &Schema, parameters: &str) -> Result<PostgresStore, OpenError> {
    let options = schema.options();
    let url = format!("postgres://hallpass@localhost:{port}/hallpass?{options}&{parameters}");
    PostgresStore::open(&PostgresSettings::new(url)).await
}

#[tokio::test]
async fn a_server_that_proves_its_name_is_talked_to() {
    let authority = Authority::new();
    let schema = Schema::empty().await;
    let port = server(Door::Sealed(authority.acceptor("localhost"))).await;
    for mode in ["require", "verify-ca", "verify-full"] {
        let parameters = format!("sslmode={mode}&{}", authority.parameter());
        open(port, &schema, &parameters).await.unwrap();
    }
    assert!(!schema.columns().await.is_empty());
}

#[tokio::test]
async fn a_server_may_speak_tls_from_the_first_byte_on() {
    let authority = Authority::new();
    let schema = Schema::empty().await;
    let port = server(Door::SealedAtOnce(authority.acceptor("localhost"))).await;
    let parameters = format!("sslnegotiation=direct&sslmode=require&{}", authority.parameter());
    open(port, &schema, &parameters).await.unwrap();
}

#[tokio::test]
async fn a_server_that_proves_nothing_gets_nothing() {
    let authority = Authority::new();
    let schema = Schema::empty().await;
    let trusted = format!("sslmode=require&{}", authority.parameter());
    for (what, door, parameters) in [
        ("another name", Door::Sealed(authority.acceptor("elsewhere.example")), trusted.as_str()),
        ("a stranger's word", Door::Sealed(Authority::new().acceptor("localhost")), &trusted),
        ("not by the system", Door::Sealed(authority.acceptor("localhost")), "sslmode=require"),
        ("no TLS", Door::Open, &trusted),
    ] {
        let refused = open(server(door).await, &schema, parameters).await.err().expect(what);
        assert!(matches!(refused, OpenError::NotProven { .. }), "{what}: {refused}");
    }
    assert!(schema.columns().await.is_empty());
}

#[tokio::test]
async fn a_file_without_authorities_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.pem");
    fs::write(&empty, "nothing").unwrap();
    let schema = Schema::empty().await;
    for file in [empty, directory.path().join("none.pem")] {
        let parameters = format!("sslmode=require&sslrootcert={}", file.display());
        let refused = open(server(Door::Open).await, &schema, &parameters).await.err().unwrap();
        assert!(matches!(&refused, OpenError::Unreadable { path, .. } if *path == file));
    }
}
