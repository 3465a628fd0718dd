//! Certificates and keys as PEM files, for every adapter that speaks TLS.

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
};

/// PEM files of a TLS connection: the authorities that the server is believed by, and this client's certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The authorities that alone are believed; `None`: those of this machine.
    pub ca: Option<PathBuf>,
    /// The PEM files of this client's certificate, with the intermediate certificates behind it, and of its private
    /// key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// True for a host that is this machine itself, so that nobody stands between: `localhost`, or a loopback address; of IPv6 with
/// brackets or without.
pub fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The PEM bytes of a certificate's and a key's file.
pub(crate) struct IdentityPem {
    pub(crate) certificate: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// A file that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part} {path}: {why}")]
pub struct TlsError {
    /// `ca`, `certificate` or `key`.
    pub part: &'static str,
    /// The file.
    pub path: PathBuf,
    /// The reason in words.
    pub why: String,
}

impl Tls {
    /// Reads every file and sees whether it can be used; of an `encrypted` key, only that it is there.
    pub fn check(&self, encrypted: bool) -> Result<(), TlsError> {
        if let Some(ca) = &self.ca {
            roots(ca)?;
        }
        let Some((certificate, key)) = &self.identity else { return Ok(()) };
        let chain = certificates("certificate", certificate)?;
        if encrypted {
            return read("key", key).map(drop);
        }
        paired(RootCertStore::empty(), chain, private_key(key)?, key).map(drop)
    }

    /// The authorities' certificates as they stand in their file.
    pub(crate) fn ca_pem(&self) -> Result<Option<Vec<u8>>, TlsError> {
        self.ca.as_deref().map(|path| read("ca", path)).transpose()
    }

    /// Certificate and key as they stand in their files.
    pub(crate) fn identity_pem(&self) -> Result<Option<IdentityPem>, TlsError> {
        let Some((certificate, key)) = &self.identity else { return Ok(None) };
        Ok(Some(IdentityPem { certificate: read("certificate", certificate)?, key: read("key", key)? }))
    }

    /// The rustls configuration of a client. Without `verify_address` a certificate may name somebody else, as long
    /// as its authority is believed.
    pub(crate) fn client_config(&self, verify_address: bool) -> Result<ClientConfig, TlsError> {
        let roots = match &self.ca {
            Some(ca) => roots(ca)?,
            None => roots_of_this_machine(),
        };
        let mut config = match &self.identity {
            Some((certificate, key)) => {
                paired(roots.clone(), certificates("certificate", certificate)?, private_key(key)?, key)?
            }
            None => builder().with_root_certificates(roots.clone()).with_no_client_auth(),
        };
        if !verify_address {
            let provider = Arc::new(aws_lc_rs::default_provider());
            let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
            let path = self.ca.clone().unwrap_or_default();
            let chain = chain.map_err(|error| TlsError { part: "ca", path, why: error.to_string() })?;
            config.dangerous().set_certificate_verifier(Arc::new(AnyName(chain)));
        }
        Ok(config)
    }
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    // Named, since which provider is the process's depends on the features of other crates.
    let provider = Arc::new(aws_lc_rs::default_provider());
    match ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions() {
        Ok(builder) => builder,
        // This provider has suites for both versions.
        Err(_) => ClientConfig::builder(),
    }
}

fn read(part: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError { part, path: path.to_owned(), why: error.to_string() })
}

fn certificates(part: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |why: String| TlsError { part, path: path.to_owned(), why };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&read(part, path)?).collect();
    match found {
        Ok(found) if found.is_empty() => Err(wrong("there is no certificate in PEM in it".to_owned())),
        Ok(found) => Ok(found),
        Err(error) => Err(wrong(format!("no PEM: {error}"))),
    }
}

fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut store = RootCertStore::empty();
    for certificate in certificates("ca", path)? {
        store.add(certificate).map_err(|error| TlsError {
            part: "ca",
            path: path.to_owned(),
            why: format!("no certificate of an authority: {error}"),
        })?;
    }
    Ok(store)
}

/// A machine without any believes nobody, which the first connection says.
fn roots_of_this_machine() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    store
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read("key", path)?).map_err(|error| TlsError {
        part: "key",
        path: path.to_owned(),
        why: format!("no key in PEM without a password: {error}"),
    })
}

fn paired(
    roots: RootCertStore,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    path: &Path,
) -> Result<ClientConfig, TlsError> {
    let config = builder().with_root_certificates(roots).with_client_auth_cert(chain, key);
    config.map_err(|error| TlsError {
        part: "key",
        path: path.to_owned(),
        why: match error {
            Error::InconsistentKeys(_) => "is not the certificate's key".to_owned(),
            error => error.to_string(),
        },
    })
}

/// Believes whom its authorities vouch for, whatever name they do it under.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is what is looked at last: whoever fails by it has passed by everything else.
        match self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
