//! `feira import` as people use it: the real binary, a file, and a folder of images.

use std::{fs, path::Path};

use crate::common::{
    embedded,
    process::{Mode, Process, client},
    until,
};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

const CSV: &str = "Handle,Title,Published,Variant Price,Image Src\n\
    caneca,Caneca,true,10,https://fotos.test/caneca%20azul.png?v=1\n\
    caneca,,,,https://fotos.test/falta.jpg\n\
    copo,Copo,true,20,https://fotos.test/copo.png#x\n\
    prato,Prato,true,30,https://fotos.test/prato.jpg\n";

fn files(folder: &Path) -> (String, String) {
    let (csv, images) = (folder.join("produtos.csv"), folder.join("fotos"));
    fs::write(&csv, CSV).unwrap();
    fs::create_dir_all(images.join("copo.png.d")).unwrap();
    for name in ["caneca azul.png", "copo.png", "de-ninguem.png"] {
        RgbImage::from_pixel(20, 10, Rgb([1, 2, 3])).save(images.join(name)).unwrap();
    }
    (csv.to_str().unwrap().to_owned(), images.to_str().unwrap().to_owned())
}

/// Runs the command line; its exit code and what it printed. It is never used wrongly here, and somebody always answers.
async fn printed(process: &Process, arguments: &[&str]) -> (i32, String) {
    let output = process.feira(arguments).output().await.unwrap();
    let code = output.status.code().unwrap();
    assert!(code < 2, "{}", String::from_utf8_lossy(&output.stderr));
    (code, String::from_utf8(output.stdout).unwrap())
}

fn lines(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn f07_pictures_come_from_a_folder_and_what_it_lacks_is_said() {
    let Some(folder) = embedded() else { return };
    let (csv, images) = files(folder.path());
    let process = Process::start(Mode::Embedded).await;
    printed(&process, &["tenant", "create", "--subdomain", "louca", "--name", "Louça"]).await;
    let import = ["import", "--subdomain", "louca", &csv];

    // Without a folder all wait, which each line says; nothing is refused.
    let (code, words) = printed(&process, &import).await;
    let each: Vec<&str> = words.lines().collect();
    assert_eq!((code, each.len()), (0, 4), "{words}");
    assert_eq!(each[0], "created    caneca a made image stands in for caneca azul.png, falta.jpg");
    assert!(each[3].contains("\"images_waiting\":4"), "{words}");

    // With one: files by name, a missing one waits and is no refusal.
    let supplying = [&import[..], &["--images", &images, "--json"]].concat();
    let (code, words) = printed(&process, &supplying).await;
    let told = lines(&words);
    assert_eq!((code, told.len()), (0, 4), "{words}");
    let supplied = |line: &Value| json!([line["images_supplied"], line["images_waiting"], line["errors"]]);
    assert_eq!(supplied(&told[0]), json!([1, ["https://fotos.test/falta.jpg"], []]));
    assert_eq!(supplied(&told[1]), json!([1, [], []]));
    assert_eq!(supplied(&told[2]), json!([0, ["https://fotos.test/prato.jpg"], []]));
    let summary = json!({"summary": {
        "created": 0, "updated": 0, "unchanged": 3, "refused": 0,
        "images_waiting": 2, "images_supplied": 2, "images_refused": 0
    }});
    assert_eq!(told[3], summary);
    let shown_at = told[1]["position"].as_str().unwrap().to_owned();

    // A file that is no image is an error of its line, and the import's exit code says that something was refused.
    fs::write(Path::new(&images).join("prato.jpg"), "um prato").unwrap();
    let (code, words) = printed(&process, &supplying).await;
    let told = lines(&words);
    assert_eq!(code, 1, "{words}");
    assert_eq!(
        (&told[2]["images_refused"], &told[2]["images_waiting"]),
        (&json!(1), &json!(["https://fotos.test/prato.jpg"]))
    );
    let said = told[2]["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("prato.jpg") && said.contains("JPEG"), "{said}");
    assert_eq!((&told[0]["images_supplied"], &told[3]["summary"]["images_refused"]), (&json!(0), &json!(1)));
    let (code, words) = printed(&process, &supplying[..supplying.len() - 1]).await;
    assert_eq!(code, 1);
    assert!(words.contains("prato.jpg: A imagem deve ser"), "{words}");

    // Buyers get the file from the position that the line named.
    let client = client();
    let get = |path: &str| {
        let request = client.get(format!("{}{path}", process.url())).header("host", "louca.localhost");
        request.header("feira-at-least", &shown_at).send()
    };
    until("the position is shown", async || get("/product/copo").await.unwrap().status() != 409).await;
    let page = get("/product/copo").await.unwrap().text().await.unwrap();
    let at = page.find("/media/").expect("an image on the page");
    let url = page[at..].split(['"', ' ', '&']).next().unwrap();
    assert!(!url.starts_with("/media/made/"), "{url}");
    assert_eq!(get(url).await.unwrap().headers()["content-type"], "image/png");
}
