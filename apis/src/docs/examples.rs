//! Examples of the bodies that are sent most, which stand in the description. A test sends each of them as it stands.

use serde_json::{Value, json};

/// The name of an example among those of its body.
const NAME: &str = "usual";

/// The example of the body that has this schema, with a line of what it asks for.
fn example(schema: &str) -> Option<(&'static str, Value)> {
    let example = match schema {
        "ProductBody" => ("A product in two sizes, shown in the shop.", product()),
        "CategoryBody" => ("A category at the top of the tree.", json!({"name": "Camisetas"})),
        "StockBody" => ("Twelve pieces were counted.", json!({"on_hand": 12})),
        "SettingsPatch" => ("Some of the settings; the others stay.", settings()),
        "PaymentTermsBody" => ("Up to twelve installments, and five percent less for who pays at once.", terms()),
        "ChargeBody" => ("A Pix of R$ 119,80, which can be paid for an hour.", pix()),
        _ => return None,
    };
    Some(example)
}

/// Puts the examples beside the schemas of the bodies that they are of.
pub(crate) fn add(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, methods)| methods.as_object_mut().into_iter().flatten());
    let contents =
        operations.filter_map(|(_, operation)| operation.pointer_mut("/requestBody/content")?.as_object_mut());
    for (_, content) in contents.flatten() {
        let schema = content["schema"]["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        if let Some((summary, value)) = schema.and_then(example) {
            content["examples"] = json!({NAME: {"summary": summary, "value": value}});
        }
    }
}

fn brl(amount: i64) -> Value {
    json!({"amount": amount, "currency": "BRL"})
}

fn product() -> Value {
    let variant = |size: &str, sku: &str| {
        json!({
            "options": {"Tamanho": size},
            "sku": sku,
            "price": brl(5_990),
            "compare_at_price": brl(7_990),
            "weight_grams": 180,
            "stock": 12,
        })
    };
    json!({
        "name": "Camiseta de algodão",
        "description": "<p>Malha penteada, gola redonda.</p>",
        "vendor": "Ateliê",
        "tags": ["algodão", "básicos"],
        "status": "published",
        "options": [{"name": "Tamanho", "values": ["P", "M"]}],
        "variants": [variant("P", "CAM-P"), variant("M", "CAM-M")],
    })
}

fn settings() -> Value {
    json!({
        "shop_name": "Ateliê da Ana",
        "tagline": "Roupas de algodão, feitas à mão",
        "accent": "#0f6b57",
        "contact": {"email": "oi@atelie.example", "phone": "(11) 3333-4444"},
    })
}

fn terms() -> Value {
    json!({"active": true, "max_installments": 12, "discounted_installments": 1, "discount_percent": "5"})
}

fn pix() -> Value {
    json!({
        "reference": "1001",
        "method": "pix",
        "amount": brl(11_980),
        "items": [{"code": "CAM-P", "description": "Camiseta de algodão, P", "quantity": 2, "total": brl(11_980)}],
        "buyer": {
            "name": "Joana Prado",
            "email": "joana@compradora.example",
            "document": "529.982.247-25",
            "phone": "(11) 98765-4321",
            "address": {
                "postal_code": "01310-100",
                "street": "Avenida Paulista",
                "number": "1578",
                "district": "Bela Vista",
                "city": "São Paulo",
                "state": "SP",
            },
        },
        "pix": {"lifetime": 3_600},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_stands_beside_its_schema_alone() {
        let body = |schema: &str| {
            let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
            json!({"requestBody": {"content": {"application/json": {"schema": schema}}}})
        };
        let mut document = json!({"paths": {
            "/a": {"put": body("StockBody"), "get": {"summary": "Reads."}},
            "/b": {"post": body("Form")},
        }});
        add(&mut document);
        let content = |path: &str| document.pointer(&format!("/paths/{path}/requestBody/content/application~1json"));
        assert_eq!(
            content("~1a/put").map(|content| &content["examples"][NAME]["value"]),
            Some(&json!({"on_hand": 12}))
        );
        assert!(content("~1b/post").is_some_and(|content| content.get("examples").is_none()));
    }
}
