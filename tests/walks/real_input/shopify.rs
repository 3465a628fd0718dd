//! Shopify's exports as merchants bring them, each imported into a shop of its own.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use crate::common::{import::Imported, process::Process, shop::Shop};

/// Each export comes in: every product is the first hit for its name, and on its page. Imported again, none is doubled.
pub async fn exports_come_in_once(process: &Process, folder: &Path) {
    for file in ["apparel.csv", "home-and-garden.csv"] {
        let (shop, path) = (Shop::make(process, "loja").await, folder.join(file));
        let titles = titles(&path);
        let imported = Imported::whole(process, &shop, &path).await;
        assert_eq!(imported.count("created"), titles.len(), "{file}");
        for (handle, title) in &titles {
            shop.shows(process, handle, title, imported.position()).await;
        }

        let again = Imported::whole(process, &shop, &path).await;
        assert_eq!((again.count("created"), again.lines.len()), (0, titles.len()), "{file} again");
        let listed = shop.slugs(process, "/api/admin/v1/products", again.position()).await;
        assert_eq!(listed.len(), titles.len(), "{file}: no double");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), titles.into_keys().collect(), "{file}");
    }
}

/// The title of each product of an export by its handle.
fn titles(path: &Path) -> HashMap<String, String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows = reader.deserialize::<HashMap<String, String>>().map(Result::unwrap);
    let titled = rows.filter(|row| !row["Title"].is_empty());
    titled.map(|row| (row["Handle"].clone(), row["Title"].trim().to_owned())).collect()
}
