//! Opening what a gateway is asked with, for the length of a call, and sealing what an answer tells of people.

use feira_connectors::{
    gateway::{Account, AccountKind},
    keyring::{Keyring, KeyringError, Sealer},
};
use feira_schemas::{
    ids::TenantId,
    records::payments,
    sealed::{Personal, Sealed, Subject},
};

pub(super) use crate::effects::opening::{NotOpened, open, open_some};

/// Opens the keys of an account.
pub(super) async fn account(
    keyring: &Keyring,
    tenant: TenantId,
    account: &payments::Account,
) -> Result<Account, NotOpened> {
    let kind = match account.kind {
        payments::AccountKind::WholeService => AccountKind::WholeService,
        payments::AccountKind::OwnAcquirer => AccountKind::OwnAcquirer,
        payments::AccountKind::Unknown => {
            return Err(NotOpened::Lost("the account is of a kind that a newer program knows".to_owned()));
        }
    };
    Ok(Account {
        id: account.account_id.to_string(),
        kind,
        secret_key: open(keyring, tenant, &account.key).await?,
        public_key: account.public_key.clone(),
        callback_secret: open(keyring, tenant, &account.callback).await?.expose().into(),
    })
}

/// Seals the values that come together, by one key, which is minted with the first of them.
pub(super) struct Sealing<'a> {
    keyring: &'a Keyring,
    tenant: TenantId,
    subject: Subject,
    sealer: Option<Sealer>,
}

impl<'a> Sealing<'a> {
    /// For values of this subject.
    pub fn of(keyring: &'a Keyring, tenant: TenantId, subject: Subject) -> Self {
        Self { keyring, tenant, subject, sealer: None }
    }

    /// Seals a value, where there is one. `None` where the keyring is away, too: what is said of it is said without the value, and a
    /// later look brings it.
    pub async fn seal<T: Personal>(&mut self, value: Option<&T>) -> Option<Sealed<T>> {
        let value = value?;
        if self.sealer.is_none() {
            let minted = self.keyring.mint(self.tenant, self.subject).await;
            self.sealer = minted.inspect_err(|error| self.missed(error)).ok();
        }
        self.sealer.as_ref()?.seal(value).inspect_err(|error| self.missed(error)).ok()
    }

    fn missed(&self, error: &KeyringError) {
        tracing::warn!(tenant.id = %self.tenant, %error, field = "gateway answer", "a part of a gateway's answer can't be sealed, and is left out for now");
    }
}
