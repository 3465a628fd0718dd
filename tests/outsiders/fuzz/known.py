"""Prints dictionaries of what is there in the shop that schemathesis tries: a product with a variant and an image, a cart, and so on."""

import json
import os
import re
import sys
import time

import requests

URL = f"http://localhost:{sys.argv[1]}"
SHOP = {"host": "moda.localhost", "authorization": f"Bearer {os.environ['SHOP_TOKEN']}"}
GIF = bytes.fromhex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b")


def asked(method, path, **more):
    response = requests.request(method, URL + path, timeout=10, **more)
    response.raise_for_status()
    return response


def filled():
    """A cart, once the shop sells the product: the merchant's side is a moment ahead of it."""
    for _ in range(200):
        made = requests.post(URL + "/api/store/v1/carts", headers=SHOP, json={"product_id": product["id"]}, timeout=10)
        if made.ok:
            return made.json()
        time.sleep(0.1)
    sys.exit(f"no cart: {made.status_code} {made.text}")


price = {"amount": 990, "currency": "BRL"}
body = {"name": "Peça de prova", "status": "published", "variants": [{"price": price, "stock": 1_000}]}
product = asked("POST", "/api/admin/v1/products", headers=SHOP, json=body).json()
image = asked("POST", f"/api/admin/v1/products/{product['id']}/images", headers=SHOP, data=GIF).json()
page = asked("GET", "/", headers=SHOP).text
subject = asked("GET", "/registry/subjects").json()[0]
schema = asked("GET", f"/registry/subjects/{subject}/versions/latest").json()["id"]
cart = filled()
known = {
    "product": [product["id"]],
    "variant": [product["variants"][0]["id"]],
    "image": [image["id"]],
    "cart": [cart["id"]],
    "tenant": ["moda"],
    "subject": [subject],
    "version": ["1", "latest"],
    "schema": [str(schema)],
    "asset": sorted(set(re.findall(r'"/assets/([^"]+)"', page))),
    "drawing": [f"{product['id']}.svg"],
}
credential = asked("POST", "/api/admin/v1/payments/credentials", headers=SHOP, json={"name": "Prova"}).json()["secret"]
print(f"[auth.openapi.payments_credential]\nbearer = {json.dumps(credential)}")
for name, values in known.items():
    print(f"[dictionaries.{name}]\nvalues = {json.dumps(values)}")
