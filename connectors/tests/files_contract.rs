//! Contract of the file stores: embedded, and S3 where one is configured.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod support;

use bytes::Bytes;
use feira_connectors::files::{Files, FilesError, MAX_FILE_BYTES, S3Settings};
use feira_schemas::ids::TenantId;
use uuid::Uuid;

fn stores() -> (Vec<Files>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut stores = vec![Files::embedded(folder.path()).unwrap()];
    stores.extend(s3_files());
    (stores, folder)
}

fn s3_files() -> Option<Files> {
    let settings = S3Settings::parse(&support::service("FEIRA_S3_URL")?).unwrap();
    Some(Files::s3(&settings).unwrap())
}

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::new_v4())
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_put() {
    let (stores, _folder) = stores();
    for files in &stores {
        let tenant = tenant();
        assert_eq!(files.get(tenant, "logo.png").await.unwrap(), None);
        for (path, content_type) in [
            ("logo.png", "image/png"),
            ("products/7/a-b_c.v2.JPG", "image/jpeg"),
            ("p/x.jpeg", "image/jpeg"),
            ("p/x.webp", "image/webp"),
            ("p/x.gif", "image/gif"),
            ("p/x.svg", "image/svg+xml"),
        ] {
            let bytes = Bytes::from([path.as_bytes(), &[0, 255, 10, 13]].concat());
            files.put(tenant, path, content_type, bytes.clone()).await.unwrap();
            let file = files.get(tenant, path).await.unwrap().unwrap();
            assert_eq!((file.content_type, file.bytes), (content_type, bytes), "{path}");
            assert!(!file.etag.is_empty() && !file.etag.contains('"'), "{}", file.etag);
        }
    }
}

#[tokio::test]
async fn a_file_that_is_put_again_has_other_content_and_another_etag() {
    let (stores, _folder) = stores();
    for files in &stores {
        let tenant = tenant();
        files.put(tenant, "logo.png", "image/png", Bytes::from_static(b"one")).await.unwrap();
        let one = files.get(tenant, "logo.png").await.unwrap().unwrap();
        assert_eq!(files.get(tenant, "logo.png").await.unwrap().unwrap().etag, one.etag);
        files.put(tenant, "logo.png", "image/png", Bytes::from_static(b"two")).await.unwrap();
        let two = files.get(tenant, "logo.png").await.unwrap().unwrap();
        assert_eq!(two.bytes, "two");
        assert_ne!(two.etag, one.etag);
    }
}

#[tokio::test]
async fn a_tenant_lists_and_deletes_its_own_files_only() {
    let (stores, _folder) = stores();
    for files in &stores {
        let (one, other) = (tenant(), tenant());
        assert_eq!(files.list(one).await.unwrap(), [""; 0]);
        for path in ["logo.png", "p/2.png", "p/1.png"] {
            files.put(one, path, "image/png", Bytes::from_static(b"x")).await.unwrap();
        }
        files.put(other, "logo.png", "image/png", Bytes::from_static(b"other")).await.unwrap();
        assert_eq!(files.list(one).await.unwrap(), ["logo.png", "p/1.png", "p/2.png"]);
        assert_eq!(files.list(other).await.unwrap(), ["logo.png"]);
        files.delete(one, "logo.png").await.unwrap();
        files.delete(one, "logo.png").await.unwrap();
        assert_eq!(files.list(one).await.unwrap(), ["p/1.png", "p/2.png"]);
        assert_eq!(files.get(other, "logo.png").await.unwrap().unwrap().bytes, "other");
    }
}

#[tokio::test]
async fn what_could_leave_the_folder_or_be_more_than_an_image_is_refused() {
    let (stores, _folder) = stores();
    for files in &stores {
        let tenant = tenant();
        let long = format!("{}.png", "x".repeat(600));
        for path in [
            "",
            "/",
            "/a.png",
            "a//b.png",
            "../a.png",
            "p/../../a.png",
            ".png",
            "p/.hidden.png",
            "a b.png",
            "a%2fb.png",
            "a\\b.png",
            "a\0.png",
            "ação.png",
            "a.html",
            "png",
            "a.png/",
            "a.png#",
            "a.png?x",
            &long,
        ] {
            let refused = files.put(tenant, path, "image/png", Bytes::from_static(b"x")).await;
            assert!(matches!(refused, Err(FilesError::Refused(_))), "{path:?}: {refused:?}");
            assert!(matches!(files.get(tenant, path).await, Err(FilesError::Refused(_))), "{path:?}");
        }
        let mismatch = files.put(tenant, "a.png", "text/html", Bytes::from_static(b"x")).await;
        assert!(matches!(mismatch, Err(FilesError::Refused(_))));
        let large = files.put(tenant, "a.png", "image/png", Bytes::from(vec![0; MAX_FILE_BYTES + 1])).await;
        assert!(matches!(large, Err(FilesError::Refused(_))));
        assert_eq!(files.list(tenant).await.unwrap(), [""; 0]);
    }
}

#[tokio::test]
async fn a_store_that_doesnt_answer_is_unavailable() {
    let settings = S3Settings::parse("http://key:secret@127.0.0.1:1/bucket").unwrap();
    let files = Files::s3(&settings).unwrap();
    assert!(matches!(files.get(tenant(), "a.png").await, Err(FilesError::Unavailable(_))));
}
