"""Payments of a shop for the small data folder of a build: payments.py URL HOST TOKEN SIMULATOR

Opens an account at each gateway of the simulator, charges in every way, gives back, and prints what it has made as JSON.
"""

import datetime
import json
import sys
import time
import urllib.parse
import urllib.request

URL, HOST, TOKEN, SIMULATOR = sys.argv[1:]
ITEM = {"code": "a", "description": "Cesta", "quantity": 1}
BUYER = {
    "name": "Joana d'Arc São João", "email": "joana@example.com", "document": "111.444.777-35", "phone": "(81) 98765-4321",
    "address": {"postal_code": "50050-000", "street": "Rua das Laranjeiras", "number": "120", "city": "Recife", "state": "PE"},
}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def send(method, url, headers, body=None):
    """The JSON of an answer, which must be 2xx."""
    request = urllib.request.Request(url, method=method, headers=headers, data=body)
    with OPENER.open(request, timeout=60) as answer:
        return json.load(answer)


def feira(method, bearer, path, body=None, key=None):
    headers = {"Host": HOST, "Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    return send(method, URL + path, headers, None if body is None else json.dumps(body).encode())


def simulator(path, body, headers=None):
    headers = {"Content-Type": "application/json"} | (headers or {})
    return send("POST", SIMULATOR + path, headers, json.dumps(body).encode())


def token(remote, declined):
    """A card's token, as a browser gets it."""
    if remote["gateway"] == "stripe":
        card = "tok_chargeDeclinedInsufficientFunds" if declined else "tok_visa"
        body = urllib.parse.urlencode({"type": "card", "card[token]": card}).encode()
        headers = {"Authorization": f"Bearer {remote['secret_key']}", "Content-Type": "application/x-www-form-urlencoded"}
        return send("POST", SIMULATOR + "/v1/payment_methods", headers, body)["id"]
    number = "4000000000000028" if declined else "4000000000000010"
    card = {"number": number, "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"}
    return simulator(f"/core/v5/tokens?appId={remote['public_key']}", {"type": "card", "card": card})["id"]


def account(name, gateway):
    remote = simulator("/admin/accounts", {"gateway": gateway, "name": name})
    keys = {"public_key": remote["public_key"], "secret_key": remote["secret_key"]}
    made = feira("POST", TOKEN, "/api/admin/v1/payments/accounts", {"name": name, "gateway": gateway} | keys)
    assert made["status"] == "ready", made
    return {"id": made["id"], "remote": remote["id"]}, remote | {"gateway": gateway}


def credential(name):
    return feira("POST", TOKEN, "/api/admin/v1/payments/credentials", {"name": name})


def money(amount):
    return {"amount": amount, "currency": "BRL"}


def charge(secret, account, key, method, of_method, amount=4990):
    body = {
        "reference": "1001", "account_id": account["id"], "method": method, "amount": money(amount),
        "items": [ITEM | {"total": money(amount)}], "buyer": BUYER, method: of_method,
    }
    return feira("POST", secret, "/api/payments/v1/charges", body, f"{account['id']}-{key}")


def until(what, of, holds):
    for _ in range(600):
        found = of()
        if holds(found):
            return found
        time.sleep(0.1)
    sys.exit(f"never: {what}")


def main():
    secret, revoked = credential("ERP"), credential("Antigo")
    feira("DELETE", TOKEN, f"/api/admin/v1/payments/credentials/{revoked['id']}")
    due = (datetime.date.today() + datetime.timedelta(days=7)).isoformat()
    boleto = {"due": due, "instructions": "Não receber após o vencimento", "document_number": "1001"}
    charges, refunds, accounts = {}, {}, {}
    read = lambda made: feira("GET", secret["secret"], f"/api/payments/v1/charges/{made['id']}")
    for gateway in ["pagarme", "stripe"]:
        accounts[gateway], remote = account(f"Conta {gateway}", gateway)
        card = lambda declined=False: ("card", {"token": token(remote, declined), "installments": 1})
        ways = {
            "pending": ("pix", {"lifetime": 3600}), "paid by Pix": ("pix", {"lifetime": 3600}),
            "pending boleto": ("boleto", boleto), "cancelled": ("boleto", boleto),
            "paid": card(), "refunded": card(), "partly refunded": card(), "failed": card(declined=True),
        }
        made = {
            name: charge(secret["secret"], accounts[gateway], name.replace(" ", "-"), *way) for name, way in ways.items()
        }
        for truth in send("GET", f"{SIMULATOR}/admin/charges?account={remote['id']}", {}):
            if made["paid by Pix"]["id"] in json.dumps(truth):
                simulator(f"/admin/charges/{truth['id']}/pay", {})
        for name, sum in [("refunded", 4990), ("partly refunded", 1000)]:
            path = f"/api/payments/v1/charges/{made[name]['id']}/refunds"
            refunds[f"{gateway} {name}"] = feira("POST", secret["secret"], path, {"amount": money(sum)}, f"{gateway}-{sum}")
        feira("POST", secret["secret"], f"/api/payments/v1/charges/{made['cancelled']['id']}/cancel", key=f"{gateway}-cancel")
        states = {"paid by Pix": "paid", "pending boleto": "pending", "partly refunded": "partly_refunded"}
        for name, one in made.items():
            status = states.get(name, name)
            charges[f"{gateway} {name}"] = until(f"{gateway} {name}", lambda: read(one), lambda found: found["status"] == status)
    made = {"accounts": accounts, "credential": secret["secret"], "revoked": revoked["secret"]}
    print(json.dumps(made | {"charges": charges, "refunds": refunds}))


main()
