//! A file of many products, as a shop exports them, and what must be true of a shop that it was imported into.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use futures::{StreamExt, stream};
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{
    import::{Import, Imported},
    process::Process,
    shop::Shop,
};

/// Products looked at at once.
const AT_ONCE: usize = 16;

/// A generated file in Shopify's columns.
pub struct Catalogue {
    folder: TempDir,
    /// The number of products in it.
    pub products: usize,
}

impl Catalogue {
    /// A file of so many mugs.
    pub fn of(products: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut file = csv::Writer::from_path(folder.path().join("products.csv")).unwrap();
        let columns =
            ["Handle", "Title", "Body (HTML)", "Type", "Tags", "Published", "Variant Inventory Qty", "Variant Price"];
        file.write_record(columns).unwrap();
        for number in 0..products {
            let price = format!("{}.90", 10 + number % 90);
            let (handle, title) = (handle(number), title(number));
            let row = [&handle, &title, "<p>Cerâmica.</p>", "Canecas", "novo, azul", "TRUE", "3", &price];
            file.write_record(row).unwrap();
        }
        file.flush().unwrap();
        Self { folder, products }
    }

    /// The path of its CSV file.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("products.csv")
    }

    /// Begins its import, and waits until a third of it is acknowledged.
    pub async fn begin(&self, process: &Process, shop: &Shop) -> Import {
        let mut import = Import::begin(process, shop, &self.path());
        import.until(self.products / 3).await;
        import
    }

    /// Begins its import, and kills the process that does it: the client says so, and was cut off in the middle.
    pub async fn cut_off(&self, process: &mut Process, shop: &Shop) -> Imported {
        let import = self.begin(process, shop).await;
        process.kill();
        let cut = import.end().await;
        assert_eq!(cut.code, 3, "nobody answers any more: {}", cut.said);
        assert!(cut.summary.is_none() && cut.lines.len() < self.products, "{} lines, no summary", cut.lines.len());
        let counted = format!("after {} products", cut.lines.len());
        assert!(cut.said.contains(&counted) && cut.said.contains("Import the file again"), "{}", cut.said);
        assert!(cut.lines.iter().all(|line| line["result"] == "created"), "{:?}", cut.lines);
        cut
    }

    /// Imported again, it brings in the rest and doubles nothing; what `cut` printed was there.
    pub async fn resumes(&self, process: &Process, shop: &Shop, cut: &Imported) {
        let again = Imported::whole(process, shop, &self.path()).await;
        assert_eq!(again.count("created") + again.count("unchanged"), self.products, "{:?}", again.summary);
        let ids: BTreeMap<&str, &Value> = again.lines.iter().map(|line| (handle_of(line), line)).collect();
        for line in &cut.lines {
            let now = ids[handle_of(line)];
            assert_eq!(now["result"], "unchanged", "{line} was acknowledged");
            assert_eq!(now["product_id"], line["product_id"]);
        }
        self.is_all_there(process, shop, again.position()).await;
    }

    /// The shop has each product of the file once, and nothing else, for its merchant and for its buyers.
    pub async fn is_all_there(&self, process: &Process, shop: &Shop, at_least: &str) {
        let own: BTreeSet<String> = (0..self.products).map(handle).collect();
        for list in ["/api/admin/v1/products", "/api/store/v1/products"] {
            let listed = shop.slugs(process, list, at_least).await;
            assert_eq!(listed.len(), self.products, "{list}");
            assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), own, "{list}");
        }
    }
}

/// Every product that an import acknowledged is in the state, is the first hit for its name, and is on its page.
pub async fn acknowledged_are_there(process: &Process, shop: &Shop, imported: &Imported) {
    let looks = imported.lines.iter().map(|line| async move {
        let (handle, at_least) = (handle_of(line), imported.position());
        let path = format!("/api/admin/v1/products/{}", line["product_id"].as_str().unwrap());
        let product = shop.json(process, &path, &[], at_least).await;
        assert_eq!(product["slug"], handle, "{line}");
        shop.shows(process, handle, product["name"].as_str().unwrap(), at_least).await;
    });
    stream::iter(looks).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

fn handle(number: usize) -> String {
    format!("caneca-{number:05}")
}

fn title(number: usize) -> String {
    format!("Caneca {number:05}")
}

fn handle_of(line: &Value) -> &str {
    line["handle"].as_str().unwrap()
}
