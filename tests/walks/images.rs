//! Images that an import names by their address: which are brought, and which are not and why. Told of the embedded parts alone.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use feira_connectors::log::TopicPartition;
use feira_node::{
    config::Config,
    node::Node,
    serve::{self, Credentials},
};
use feira_schemas::{
    api::product::product_json,
    groups, limits,
    records::{admin::DeleteProduct, catalogue::ImageStatus, common::Outcome},
    topics,
};
use feira_streams::{effects::images::ImageSettings, health::Doing};
use tempfile::TempDir;
use tokio::net::TcpSocket;

use crate::common::{
    PATIENCE, admin, config, embedded,
    images::{HERE, fetch, import, kept, png, product, settings, settled},
    meta,
    pages::{Page, Pages},
    tenant,
};

/// Another address of loopback: not public, and not allowed.
const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A node on this folder that fetches nothing by itself: the effect is started with what a test allows.
async fn node(folder: &TempDir) -> Node {
    Node::start(&Config { fetch_images: false, ..config(folder) }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_pictures_of_an_import_arrive_and_are_shown() {
    let Some(folder) = embedded() else { return };
    let pages = Pages::start(HERE, |path| match path {
        "/a.png" => Page::file(&png(1)),
        "/b" => Page::to("/c.png"),
        _ => Page::file(&png(2)),
    })
    .await;
    let served = Config { listen: "127.0.0.1:0".parse().unwrap(), fetch_images: false, ..config(&folder) };
    let mut node = Node::start(&served).await.unwrap();
    let credentials = Credentials::of(&served).unwrap();
    let api = serve::api(&node, &served, &credentials, None, feira_apis::SITE).unwrap();
    let address = serve::start(&mut node, api, &served, feira_apis::SITE).await.unwrap();
    let shop = tenant(&node, "moda").await;
    let urls = [pages.url("/a.png"), pages.url("/b")];
    // Imported before the effect runs: it begins at the start of the log.
    let (id, _) = import(&node, shop, "calca", &urls).await;
    assert!(product(&node, shop, id).await.images.iter().all(|image| image.status == ImageStatus::Waiting));
    fetch(&mut node, settings(PATIENCE)).await;

    let images = settled(&node, shop, id).await;
    assert_eq!(images.iter().map(|image| image.source_url.clone().unwrap()).collect::<Vec<_>>(), urls);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for image in &images {
        assert_eq!((image.status, image.width, image.alt.as_deref()), (ImageStatus::Ready, Some(40), Some("Foto")));
        let url = format!("http://{address}/media/{}.png", image.image_id);
        let shown = client.get(url).header("host", "moda.localhost").send().await.unwrap();
        assert_eq!((shown.status().as_u16(), &shown.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
        assert_eq!(image::load_from_memory(&shown.bytes().await.unwrap()).unwrap().width(), 40);
    }
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !node.storefront.by_slug(shop, "calca").await.unwrap().is_some_and(|found| {
        let card = found.card().unwrap();
        card.images.len() == 2 && card.images.iter().all(|image| image.ready)
    }) {
        assert!(tokio::time::Instant::now() < deadline, "buyers do not see the images");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // What is done is not done again: neither by the same import nor by a later change.
    assert_eq!(import(&node, shop, "calca", &urls).await, (id, Outcome::Unchanged));
    let (other, _) = import(&node, shop, "meia", &[pages.url("/a.png")]).await;
    settled(&node, shop, other).await;
    let mut asked = pages.asked();
    asked.sort();
    assert_eq!(asked, ["/a.png", "/a.png", "/b", "/c.png"], "once for each image");
    node.stop().await.unwrap();
}

/// An image at a port that is nobody else's while it is held, and at which nobody listens.
fn nobody() -> (TcpSocket, String) {
    let held = TcpSocket::new_v4().unwrap();
    held.bind((HERE, 0).into()).unwrap();
    let address = held.local_addr().unwrap();
    (held, format!("http://{address}/gone.png"))
}

#[tokio::test(flavor = "multi_thread")]
async fn images_that_can_not_be_had_say_why_and_stop_nothing() {
    let Some(folder) = embedded() else { return };
    let inside = Pages::start(INSIDE, |_| Page::file(&png(9))).await;
    let silent = Pages::start(HERE, |_| Page::Silence).await;
    let (_held, nobody) = nobody();
    let to_inside = inside.url("/secret.png");
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", limits::IMAGE_BYTES + 1);
    let pages = Pages::start(HERE, move |path| match path {
        "/good.png" => Page::file(&png(1)),
        "/inside" => Page::to(&to_inside),
        "/large" => Page::Raw(announced.clone().into()),
        "/endless" => Page::Endless([b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![0; 1 << 20]].concat()),
        "/text" => Page::file(b"<svg onload='x()'/>"),
        "/half.png" => Page::file(&png(1)[..50]),
        "/empty" => Page::file(b""),
        "/broken" => Page::status(500),
        _ => Page::status(404),
    })
    .await;
    let bad = [
        (inside.url("/secret.png"), ImageStatus::AddressRefused),
        ("http://10.0.0.1/a.png".into(), ImageStatus::AddressRefused),
        ("http://169.254.169.254/latest/meta-data/".into(), ImageStatus::AddressRefused),
        ("file:///etc/passwd".into(), ImageStatus::AddressRefused),
        ("foto.png".into(), ImageStatus::AddressRefused),
        (pages.url("/inside"), ImageStatus::AddressRefused),
        (pages.url("/large"), ImageStatus::TooLarge),
        (pages.url("/endless"), ImageStatus::TooLarge),
        (pages.url("/text"), ImageStatus::NotAPicture),
        (pages.url("/half.png"), ImageStatus::NotAPicture),
        (pages.url("/empty"), ImageStatus::NotAPicture),
        (pages.url("/missing"), ImageStatus::Unreachable),
        (pages.url("/broken"), ImageStatus::Unreachable),
        (silent.url("/"), ImageStatus::Unreachable),
        (nobody, ImageStatus::Unreachable),
    ];
    let mut node = node(&folder).await;
    fetch(&mut node, settings(Duration::from_secs(2))).await;
    let shop = tenant(&node, "moda").await;
    let urls: Vec<String> = bad.iter().map(|(url, _)| url.clone()).chain([pages.url("/good.png")]).collect();
    let (id, _) = import(&node, shop, "calca", &urls).await;

    let images = settled(&node, shop, id).await;
    for (image, (url, status)) in images.iter().zip(&bad) {
        assert_eq!((image.source_url.as_ref(), image.status), (Some(url), *status));
    }
    assert_eq!(images.last().unwrap().status, ImageStatus::Ready, "the good one among them");
    let json = product_json(&product(&node, shop, id).await);
    for image in &json["images"].as_array().unwrap()[..bad.len()] {
        assert_eq!(image["status"], "failed");
        assert!(image["problem"].as_str().is_some_and(|problem| problem.ends_with('.')), "{image}");
        assert!(image["url"].as_str().unwrap().starts_with("/media/made/"), "a made image is shown: {image}");
    }
    assert!(inside.asked().is_empty(), "what is inside was never asked");
    let tries = |path: &str| pages.asked().iter().filter(|asked| *asked == path).count();
    assert_eq!(
        (tries("/missing"), tries("/broken"), silent.asked().len()),
        (1, 3, 3),
        "only what may pass is tried again"
    );

    let (next, _) = import(&node, shop, "meia", &[pages.url("/good.png")]).await;
    assert_eq!(settled(&node, shop, next).await[0].status, ImageStatus::Ready, "and others go on");
    for (processor, (doing, _)) in node.platform.health.all() {
        assert_eq!(doing, Doing::Working, "{processor}");
    }
    for partition in 0..topics::DEAD_LETTER_PARTITIONS {
        let letters = TopicPartition::new(topics::dead_letters(groups::IMAGES.name), partition);
        assert_eq!(node.platform.log.end(&letters).await.unwrap(), 0);
    }
    let files = node.platform.files.list(shop).await.unwrap();
    assert_eq!(files.len(), 4, "two sizes of each good image, and nothing of the bad: {files:?}");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_effect_says_that_it_is_alive_while_a_server_is_slow_and_while_one_is_tried_later() {
    let Some(folder) = embedded() else { return };
    let silent = Pages::start(HERE, |_| Page::Silence).await;
    let mut node = node(&folder).await;
    let later = ImageSettings { again_after: vec![PATIENCE], ..settings(Duration::from_secs(6)) };
    fetch(&mut node, later).await;
    let shop = tenant(&node, "moda").await;
    import(&node, shop, "calca", &[silent.url("/")]).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while silent.asked().is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "it was never asked for");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Asked for during the first half of this time, and waited for during the second.
    let mut before = 0;
    for _ in 0..4 {
        let (doing, said) = node.platform.health.all()[groups::IMAGES.name].clone();
        assert_eq!(doing, Doing::Working);
        assert!(said > before, "it has said nothing for three seconds");
        before = said;
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_was_given_up_is_asked_for_again_by_the_next_import() {
    let Some(folder) = embedded() else { return };
    let there = Arc::new(AtomicBool::new(false));
    let found = Arc::clone(&there);
    let pages = Pages::start(
        HERE,
        move |_| {
            if found.load(Ordering::Relaxed) { Page::file(&png(1)) } else { Page::status(404) }
        },
    )
    .await;
    let mut node = node(&folder).await;
    fetch(&mut node, settings(PATIENCE)).await;
    let shop = tenant(&node, "moda").await;
    let urls = [pages.url("/a.png")];
    let (id, _) = import(&node, shop, "calca", &urls).await;
    assert_eq!(settled(&node, shop, id).await[0].status, ImageStatus::Unreachable);
    there.store(true, Ordering::Relaxed);
    assert_eq!(import(&node, shop, "calca", &urls).await, (id, Outcome::Updated));
    assert_eq!(settled(&node, shop, id).await[0].status, ImageStatus::Ready);
    assert_eq!(pages.asked().len(), 2);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_a_product_that_goes_meanwhile_leaves_nothing_behind() {
    let Some(folder) = embedded() else { return };
    let (asked, go) =
        (Arc::new(tokio::sync::Notify::new()), Arc::new((std::sync::Mutex::new(false), std::sync::Condvar::new())));
    let (told, wait) = (Arc::clone(&asked), Arc::clone(&go));
    let pages = Pages::start(HERE, move |_| {
        told.notify_one();
        let held = wait.0.lock().unwrap();
        drop(tokio::task::block_in_place(|| wait.1.wait_while(held, |go| !*go)));
        Page::file(&png(1))
    })
    .await;
    let mut node = node(&folder).await;
    fetch(&mut node, settings(PATIENCE)).await;
    let shop = tenant(&node, "moda").await;
    let (product_id, _) = import(&node, shop, "calca", &[pages.url("/a.png")]).await;
    asked.notified().await;
    let gone = admin(&node, DeleteProduct { meta: meta(shop), product_id }).await;
    assert_eq!(gone.outcome, Outcome::Deleted);
    *go.0.lock().unwrap() = true;
    go.1.notify_all();
    kept(&node, shop).await;
    let files = node.platform.files.list(shop).await.unwrap();
    assert!(files.is_empty(), "files of an image that nobody has: {files:?}");
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn fetching_is_a_matter_of_configuration_and_never_asks_this_machine() {
    let Some(folder) = embedded() else { return };
    let pages = Pages::start(HERE, |_| Page::file(&png(1))).await;
    let off = node(&folder).await;
    let shop = tenant(&off, "moda").await;
    let (id, _) = import(&off, shop, "calca", &[pages.url("/a.png")]).await;
    assert!(!off.platform.health.all().contains_key(groups::IMAGES.name));
    assert_eq!(product(&off, shop, id).await.images[0].status, ImageStatus::Waiting);
    off.stop().await.unwrap();
    // As it is by default: what waits is asked for, but not at an address of this machine.
    let on = Node::start(&config(&folder)).await.unwrap();
    assert_eq!(settled(&on, shop, id).await[0].status, ImageStatus::AddressRefused);
    assert!(on.platform.health.all().contains_key(groups::IMAGES.name));
    assert!(pages.asked().is_empty());
    on.stop().await.unwrap();
}
