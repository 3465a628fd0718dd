//! Quotas: requests a minute that a shop, a credential and an address may send: generous, so that nobody meets them
//! who does not take others' turns, and said in every answer of the API as `RateLimit` and `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers). Beside them, what one address may do of the few things that cost more than a request: make carts,
//! and guess coupons.

use std::{
    fmt::Write,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use feira_schemas::ids::TenantId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{addresses::Source, problem::Problem};

/// The time that quotas are counted over. A burst may take all of it at once; what is used comes back evenly.
const WINDOW: Duration = Duration::from_secs(60);
/// The number of requests after which those who have all of their quota back are forgotten: strangers' addresses have
/// no end.
const TIDY_AFTER: u32 = 4_096;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Requests a minute, unless something else is said; 0 is without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaSettings {
    /// Requests to a shop: all that comes to its hosts.
    pub shop: u32,
    /// Requests with one token of a shop.
    pub credential: u32,
    /// Requests without a credential from one address, or one IPv6 /64.
    pub address: u32,
    /// New carts a minute from one address, of whatever shops: each is a row for thirty days. Fewer would be met by buyers who share an address
    /// of their provider.
    pub carts: u32,
    /// Codes that no coupon of a shop has, from one address in a quarter of an hour. More would find short codes within days, fewer would be met
    /// by who mistypes.
    pub coupons: u32,
}

impl Default for QuotaSettings {
    fn default() -> Self {
        Self { shop: 1_200_000, credential: 120_000, address: 120_000, carts: 120, coupons: 20 }
    }
}

/// The quotas of a process.
pub struct Quotas {
    shops: Option<Counter<TenantId>>,
    credentials: Option<Counter<(TenantId, Credential)>>,
    addresses: Option<Counter<Source>>,
    carts: Option<Counter<Source>>,
    coupons: u32,
    /// `RateLimit-Policy` of who asks without a credential at a shop, which most do: made once.
    of_buyers: Option<HeaderValue>,
}

/// The last eight hex digits of an actor, `token:<8 hex>` or `staff:<uuid>`, which tell a shop's credentials apart: the first ones of a member's
/// id are the time of its invitation.
type Credential = [u8; 8];

struct Counter<K: Hash + Eq + Clone> {
    name: &'static str,
    per_window: NonZeroU32,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    counted: AtomicU32,
}

/// The rest of the quotas that a request counts for: of who asks, and of the shop.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    parts: [Option<Part>; 2],
    /// `RateLimit-Policy` of these parts, where it is made already.
    policy: Option<HeaderValue>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: &'static str,
    per_window: u32,
    left: u32,
    /// Seconds until it is whole again, or, with nothing left, until there is some.
    seconds: u64,
    over: bool,
}

impl Quotas {
    /// Quotas as they are set.
    pub fn new(settings: QuotaSettings) -> Self {
        let mut quotas = Self {
            shops: Counter::new("shop", settings.shop),
            credentials: Counter::new("credential", settings.credential),
            addresses: Counter::new("address", settings.address),
            carts: Counter::new("carts", settings.carts),
            coupons: settings.coupons,
            of_buyers: None,
        };
        if let (Some(address), Some(shop)) = (&quotas.addresses, &quotas.shops) {
            let policy = format!("{}, {}", address.policy(), shop.policy());
            quotas.of_buyers = HeaderValue::try_from(policy).ok();
        }
        quotas
    }

    /// Counts a request of somebody without a credential, at a shop or (none) at the platform.
    ///
    /// # Errors
    /// 429 where a quota is used up. It names all that were asked, so that who waits knows for which.
    pub fn anonymous(&self, shop: Option<TenantId>, client: Option<IpAddr>) -> Result<Left, Problem> {
        let of_address = self.addresses.as_ref().zip(client);
        let of_address = of_address.map(|(counter, client)| counter.count(&Source::from(client)));
        let mut left = self.and_of_shop(of_address, shop)?;
        if left.parts.iter().all(Option::is_some) {
            left.policy.clone_from(&self.of_buyers);
        }
        Ok(left)
    }

    /// Counts a request of a shop's staff.
    ///
    /// # Errors
    /// 429 where a quota is used up.
    pub fn staff(&self, shop: TenantId, actor: &str) -> Result<Left, Problem> {
        let mut credential = Credential::default();
        let digits = actor.rsplit(':').next().unwrap_or_default().bytes().rev();
        credential.iter_mut().rev().zip(digits).for_each(|(place, digit)| *place = digit);
        let of_credential = self.credentials.as_ref().map(|counter| counter.count(&(shop, credential)));
        self.and_of_shop(of_credential, Some(shop))
    }

    /// Counts a cart that is made.
    ///
    /// # Errors
    /// 429 where its address has made as many as it may.
    pub fn cart(&self, client: Option<IpAddr>) -> Result<(), Problem> {
        let of_carts = self.carts.as_ref().zip(client);
        let of_carts = of_carts.map(|(counter, client)| counter.count(&Source::from(client)));
        Left { parts: [of_carts, None], policy: None }.allowed().map(drop)
    }

    /// The codes that no coupon has which one address may try; 0 is without end.
    pub fn coupons(&self) -> usize {
        usize::try_from(self.coupons).unwrap_or(usize::MAX)
    }

    /// Counts for the shop too, unless who asks has nothing left: what is refused takes nothing of a shop's quota.
    fn and_of_shop(&self, of_who_asks: Option<Part>, shop: Option<TenantId>) -> Result<Left, Problem> {
        let mut left = Left { parts: [of_who_asks, None], policy: None }.allowed()?;
        left.parts[1] = self.shops.as_ref().zip(shop).map(|(counter, shop)| counter.count(&shop));
        left.allowed()
    }
}

impl<K: Hash + Eq + Clone> Counter<K> {
    fn new(name: &'static str, per_window: u32) -> Option<Self> {
        let per_window = NonZeroU32::new(per_window)?;
        let quota = Quota::with_period(WINDOW / per_window.get())?.allow_burst(per_window);
        let limiter = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
        Some(Self { name, per_window, limiter, counted: AtomicU32::new(0) })
    }

    /// The quota as `RateLimit-Policy` says it.
    fn policy(&self) -> String {
        policy(self.name, self.per_window.get())
    }

    /// Counts one more; what is left then.
    fn count(&self, key: &K) -> Part {
        if self.counted.fetch_add(1, Ordering::Relaxed) % TIDY_AFTER == TIDY_AFTER - 1 {
            self.limiter.retain_recent();
        }
        let (name, per_window) = (self.name, self.per_window.get());
        match self.limiter.check_key(key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let used = u64::from(per_window.saturating_sub(left));
                let seconds = (used * WINDOW.as_secs()).div_ceil(u64::from(per_window));
                Part { name, per_window, left, seconds, over: false }
            }
            Err(until) => {
                let seconds = until.wait_time_from(self.limiter.clock().now()).as_secs_f64().ceil().max(1.0) as u64;
                Part { name, per_window, left: 0, seconds, over: true }
            }
        }
    }
}

impl Left {
    /// Says it in an answer.
    pub fn write(&self, headers: &mut HeaderMap) {
        if self.parts().next().is_none() || headers.contains_key(&RATE_LIMIT) {
            return;
        }
        for (name, value) in self.headers() {
            headers.insert(name, value);
        }
    }

    fn parts(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().flatten()
    }

    fn allowed(self) -> Result<Self, Problem> {
        if self.parts().any(|part| part.over) { Err(self.over()) } else { Ok(self) }
    }

    fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let mut limit = String::with_capacity(64);
        for Part { name, left, seconds, .. } in self.parts() {
            let before = if limit.is_empty() { "" } else { ", " };
            // Writing into a text does not fail.
            let _ = write!(limit, "{before}\"{name}\";r={left};t={seconds}");
        }
        let policy = self.policy.clone().or_else(|| {
            let all: Vec<String> = self.parts().map(|part| policy(part.name, part.per_window)).collect();
            HeaderValue::try_from(all.join(", ")).ok()
        });
        let header = |name, value: Option<HeaderValue>| value.map(|value| (name, value));
        let limit = HeaderValue::try_from(limit).ok();
        [header(RATE_LIMIT, limit), header(RATE_LIMIT_POLICY, policy)].into_iter().flatten()
    }

    /// The refusal: the last of them is used up.
    fn over(&self) -> Problem {
        let (of, seconds) = self.parts().last().map_or(("", 1), |part| (part.name, part.seconds));
        metrics::counter!("feira_quota_refused_total", "quota" => of).increment(1);
        let what = match of {
            "shop" => "Há solicitações demais para esta loja.",
            "credential" => "Há solicitações demais para esta credencial.",
            "carts" => "Foram feitos carrinhos demais a partir deste endereço de internet.",
            _ => "Há solicitações demais para este endereço.",
        };
        let mut problem = Problem::too_many(format!("{what} Tente de novo em {seconds} s."), seconds);
        problem.headers.extend(self.headers());
        problem
    }
}

fn policy(name: &str, per_window: u32) -> String {
    format!("\"{name}\";q={per_window};w={}", WINDOW.as_secs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::Ipv4Addr;

    use uuid::Uuid;

    use super::*;

    fn shop(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    fn address(last: u8) -> Option<IpAddr> {
        Some(Ipv4Addr::new(192, 0, 2, last).into())
    }

    fn said(headers: &HeaderMap, name: &str) -> String {
        headers.get(name).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn f04_each_address_has_a_quota_and_each_shop_another() {
        let quotas = Quotas::new(QuotaSettings { shop: 5, credential: 0, address: 3, ..QuotaSettings::default() });
        let left: Vec<_> = (0..3).map(|_| quotas.anonymous(Some(shop(1)), address(1)).unwrap()).collect();
        let mut headers = HeaderMap::new();
        left[0].write(&mut headers);
        assert_eq!(said(&headers, "ratelimit-policy"), "\"address\";q=3;w=60, \"shop\";q=5;w=60");
        assert_eq!(said(&headers, "ratelimit"), "\"address\";r=2;t=20, \"shop\";r=4;t=12");

        let refused = quotas.anonymous(Some(shop(1)), address(1)).unwrap_err();
        assert_eq!(refused.status().as_u16(), 429);
        let headers = HeaderMap::from_iter(refused.headers);
        let seconds: u64 = said(&headers, "retry-after").parse().unwrap();
        assert!((1..=20).contains(&seconds), "{seconds}");
        assert_eq!(said(&headers, "ratelimit"), format!("\"address\";r=0;t={seconds}"));

        // What the address was refused did not count for the shop.
        quotas.anonymous(Some(shop(1)), address(2)).unwrap();
        quotas.staff(shop(1), "token:0123abcd").unwrap();
        let refused = quotas.anonymous(Some(shop(1)), address(3)).unwrap_err();
        assert!(refused.detail.contains("esta loja"), "{}", refused.detail);
        quotas.anonymous(Some(shop(2)), address(3)).unwrap();
        quotas.anonymous(None, address(4)).unwrap();
    }

    #[test]
    fn f04_each_credential_has_a_quota_of_its_own() {
        let quotas = Quotas::new(QuotaSettings { shop: 0, credential: 2, address: 1, ..QuotaSettings::default() });
        for actor in [
            "token:0123abcd",
            "token:0123abce",
            // Invited within a minute.
            "staff:018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e",
            "staff:018f4d7e-3c1c-7a52-9d0e-5b7f1c2a3d4f",
        ] {
            for _ in 0..2 {
                quotas.staff(shop(1), actor).unwrap();
            }
            assert!(quotas.staff(shop(1), actor).unwrap_err().detail.contains("esta credencial"));
        }
        quotas.staff(shop(2), "token:0123abcd").unwrap();
    }

    #[test]
    fn f04_without_quotas_nothing_is_counted_or_said() {
        let quotas = Quotas::new(QuotaSettings { shop: 0, credential: 0, address: 0, carts: 0, coupons: 0 });
        let left = quotas.anonymous(Some(shop(1)), address(1)).unwrap();
        let mut headers = HeaderMap::new();
        left.write(&mut headers);
        assert!(headers.is_empty());
        (0..1_000).for_each(|_| quotas.cart(address(1)).unwrap());
    }

    #[test]
    fn f04_s94_each_address_makes_so_many_carts_whatever_else_it_asks() {
        let quotas = Quotas::new(QuotaSettings { carts: 2, ..QuotaSettings::default() });
        (0..2).for_each(|_| quotas.cart(address(1)).unwrap());
        let refused = quotas.cart(address(1)).unwrap_err();
        assert!(refused.detail.starts_with("Foram feitos carrinhos demais"), "{}", refused.detail);
        let told = refused.headers.iter().filter(|(name, _)| name == http::header::RETRY_AFTER).count();
        assert_eq!((refused.status().as_u16(), told), (429, 1));
        quotas.anonymous(Some(shop(1)), address(1)).unwrap();
        quotas.cart(address(2)).unwrap();
        quotas.cart(None).unwrap();
    }

    #[test]
    fn f04_strangers_who_come_once_are_forgotten() {
        let quotas = Quotas::new(QuotaSettings { address: 60_000_000, ..QuotaSettings::default() });
        for number in 0..3 * TIDY_AFTER {
            quotas.anonymous(None, Some(Ipv4Addr::from_bits(number).into())).unwrap();
        }
        assert!(quotas.addresses.unwrap().limiter.len() <= TIDY_AFTER as usize + 1);
    }
}
