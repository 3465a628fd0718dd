//! Images that an import names by their address, and the effect that fetches them.

use std::{
    io::Cursor,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use feira_connectors::{
    http::{HttpClient, HttpPolicy},
    log::TopicPartition,
};
use feira_node::node::Node;
use feira_schemas::{
    groups,
    ids::{ProductId, TenantId},
    records::{
        admin::{ImportImage, ImportProduct, Product},
        catalogue::{Image, ImageStatus},
        common::Outcome,
    },
    rows::admin::ProductRow,
    topics::{self, Context},
};
use feira_streams::effects::images::{ImageSettings, Images};
use image::{ImageFormat, Rgb, RgbImage};

use super::{PATIENCE, admin, meta, position, products};

/// The address of the tests' servers: the one that is asked although it is not public.
pub const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A photograph as somebody's server has it.
pub fn png(shade: u8) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    RgbImage::from_pixel(40, 20, Rgb([shade, 9, 9])).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner()
}

/// The settings of a fetch from loopback, which a deployment does not allow. Waits are short, and so is the time for a file.
pub fn settings(within: Duration) -> ImageSettings {
    let policy = HttpPolicy { also: vec![HERE], within, ..HttpPolicy::images() };
    let again_after = vec![Duration::from_millis(1); 2];
    ImageSettings { again_after, ..ImageSettings::new(HttpClient::new(policy).unwrap()) }
}

/// Runs the effect with a node.
pub async fn fetch(node: &mut Node, settings: ImageSettings) {
    let effect = Images::join(node.platform.clone(), Arc::clone(&node.commands), settings, None).await.unwrap();
    node.run(|stop| async move { Ok(effect.run(stop).await?) });
}

/// Imports a product with images at these addresses.
pub async fn import(node: &Node, shop: TenantId, slug: &str, urls: &[String]) -> (ProductId, Outcome) {
    let mut content = products::content(slug, 4_990);
    content.slug = Some(slug.into());
    let images = urls.iter().map(|url| ImportImage { source_url: url.clone(), alt: Some("Foto".into()) }).collect();
    let result =
        admin(node, ImportProduct { meta: meta(shop), content, category_name: None, images, clears_images: false })
            .await;
    let (outcome, decided) = (result.outcome, position(&result));
    node.platform.reached.wait("admin", Context::Admin, decided, PATIENCE).await.unwrap();
    (
        serde_json::from_str::<serde_json::Value>(&result.body.unwrap()).unwrap()["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap(),
        outcome,
    )
}

/// The product as admin has it.
pub async fn product(node: &Node, shop: TenantId, id: ProductId) -> Product {
    node.platform.state.get::<ProductRow>(&ProductRow::at(shop, id)).await.unwrap().unwrap().product
}

/// The product's images, once none of them waits.
pub async fn settled(node: &Node, shop: TenantId, id: ProductId) -> Vec<Image> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let images = product(node, shop, id).await.images;
        if images.iter().all(|image| image.status != ImageStatus::Waiting) {
            return images;
        }
        assert!(tokio::time::Instant::now() < deadline, "still waiting: {images:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until nothing is left to do in a shop's partition, and that is kept.
pub async fn kept(node: &Node, shop: TenantId) {
    let at = TopicPartition::new(topics::events(Context::Admin), node.platform.partition_of(shop));
    let log = &node.platform.log;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while log.committed(groups::IMAGES.name, std::slice::from_ref(&at)).await.unwrap()
        != [Some(log.end(&at).await.unwrap())]
    {
        assert!(tokio::time::Instant::now() < deadline, "the position stays behind");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
