//! A PostgreSQL server that has to prove who it is.

use std::{path::Path, sync::Arc};

use kernel::{Chance, Error, SystemClock};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use store::{Location, Store, UNAVAILABLE, params, sql, testing::server::Server};

fn open(url: &str) -> Result<Store, Error> {
    Store::open(&Location::parse(url), Arc::new(SystemClock), Chance::seeded(7))
}

fn refused(url: &str) -> String {
    let Err(error) = open(url) else { panic!("{url} was let in") };
    assert!(error.is(&UNAVAILABLE), "{error:?}");
    format!("{error:?}")
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn encrypted(store: &Store) -> bool {
    let found = store.read_blocking(|tx| {
        tx.one::<(bool,)>(sql!("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), params![])
    });
    found.unwrap().0
}

#[test]
fn a_server_is_believed_only_with_a_certificate_for_its_name() {
    let ours = authority();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
    let server = Server::start();
    let folder = server.folder();
    let (ours, theirs) =
        (file(folder, "ours.pem", &ours.pem()), file(folder, "theirs.pem", &authority().pem()));
    let url = |parameters: &str| format!("{}?{parameters}", server.url());

    // It offers no TLS yet.
    assert!(!encrypted(&open(&url("readers=1&writers=1")).unwrap()));
    refused(&url(&format!("sslmode=require&sslrootcert={ours}")));

    server.prove_by(&certificate.pem(), &key.serialize_pem());
    let proved = open(&url(&format!("sslmode=require&sslrootcert={ours}"))).unwrap();
    assert!(encrypted(&proved));
    let told = refused(&url(&format!("sslmode=require&sslrootcert={theirs}")));
    assert!(told.contains("InvalidCertificate"), "{told}");
    assert!(
        refused(&url("sslmode=require")).contains("InvalidCertificate"),
        "the system does not know this authority"
    );
    let elsewhere = url(&format!("sslmode=require&sslrootcert={ours}")).replace("127.0.0.1", "localhost");
    assert!(refused(&elsewhere).contains("InvalidCertificate"), "it is not certified for this name");
    assert!(!encrypted(&open(&url("sslmode=disable")).unwrap()));

    for (parameters, named) in [
        (format!("sslrootcert={ours}"), "sslmode=require"),
        ("sslmode=require&sslrootcert=/nowhere.pem".to_owned(), "/nowhere.pem"),
        (format!("sslmode=require&sslrootcert={}", file(folder, "empty.pem", "")), "empty.pem"),
        ("readers=0".to_owned(), "readers"),
        ("writers=many".to_owned(), "many"),
    ] {
        let told = refused(&url(&parameters));
        assert!(told.contains(named), "{parameters}: {told}");
    }
}

#[test]
fn a_url_says_how_many_connections_are_kept() {
    let server = Server::start();
    let store = open(&format!("{}?readers=3&writers=2&application_name=counted", server.url())).unwrap();
    // Each worker connects when it gets its first work, so all of them get some at the same moment.
    let (reads, writes) = (Arc::new(std::sync::Barrier::new(3)), Arc::new(std::sync::Barrier::new(2)));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                store
                    .read_blocking({
                        let all = reads.clone();
                        move |tx| {
                            all.wait();
                            tx.one::<(i64,)>(sql!("SELECT 1"), params![])
                        }
                    })
                    .unwrap()
            });
        }
        for _ in 0..2 {
            scope.spawn(|| {
                store
                    .write_blocking("test", {
                        let all = writes.clone();
                        move |tx| {
                            all.wait();
                            tx.one::<(i64,)>(sql!("SELECT 1"), params![])
                        }
                    })
                    .unwrap()
            });
        }
    });
    let open: (i64,) = store
        .read_blocking(|tx| {
            tx.one(
                sql!("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'counted'"),
                params![],
            )
        })
        .unwrap();
    assert_eq!(open, (5,));
}
