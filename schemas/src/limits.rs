//! Every limit of the contract, in one place, with why it is what it is.

use std::ops::RangeInclusive;

/// Characters of a product's, category's or shop's name: what a page title and a listing can show.
pub const NAME_CHARS: usize = 255;
/// Bytes of an HTML description: long enough for a size table, small enough for a card in a cache.
pub const DESCRIPTION_BYTES: usize = 64 * 1024;
/// Characters of the description that a search engine is told of a product.
pub const SEO_DESCRIPTION_CHARS: usize = 1_000;
/// Characters of the address of who sells in a shop: street, number, town and postal code in one line have some hundred.
pub const SELLER_ADDRESS_CHARS: usize = 500;
/// Characters of one of a shop's policies: some ten pages of print.
pub const POLICY_CHARS: usize = 20_000;
/// Characters of an option's name or value.
pub const OPTION_CHARS: usize = 100;
/// Characters of an SKU or a barcode.
pub const CODE_CHARS: usize = 64;
/// Options of a product: more make a table no buyer can read.
pub const OPTIONS: usize = 3;
/// Variants of a product, as Shopify has it.
pub const VARIANTS: usize = 2_048;
/// Images of a product.
pub const IMAGES: usize = 250;
/// Tags of a product.
pub const TAGS: usize = 100;
/// Characters of a tag.
pub const TAG_CHARS: usize = 60;
/// Characters of a slug, so that address, row key and file name stay short.
pub const SLUG_CHARS: usize = 255;
/// Characters of a shop's sub-domain: fewer would leave too few names for all, more are not remembered.
pub const SUBDOMAIN_CHARS: RangeInclusive<usize> = 3..=40;
/// Old slugs that still redirect; older ones are forgotten.
pub const SLUG_HISTORY: usize = 20;
/// Bytes of a JSON body.
pub const JSON_BODY_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of an uploaded image.
pub const IMAGE_BYTES: usize = 20 * 1024 * 1024;
/// Pixels of an uploaded image, checked before it is decoded: 40 megapixels need 160 MB decoded.
pub const IMAGE_PIXELS: u64 = 40_000_000;
/// Characters of the address that an import names for an image: what servers and browsers take.
pub const URL_CHARS: usize = 2_048;
/// Characters of an image's alternative text.
pub const ALT_CHARS: usize = 500;
/// Bytes of a record on any topic, its key and its value.
pub const WHOLE_RECORD_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a record's value on any topic: a key takes 1 KiB at most.
pub const RECORD_BYTES: usize = WHOLE_RECORD_BYTES - 1024;
/// Bytes of the value of an event that a command makes: what another context says because of it carries some fields more
/// (a listing its old addresses), and must fit as well.
pub const COMMANDED_EVENT_BYTES: usize = RECORD_BYTES - 64 * 1024;
/// Bytes of the entity, as JSON, in a command's answer. A longer one is read from the answer's row instead.
pub const ANSWER_BODY_BYTES: usize = RECORD_BYTES - 64 * 1024;
/// Bytes of a sealed field before it is sealed: an address takes some hundred, and a record with many of them must still fit.
pub const SEALED_FIELD_BYTES: usize = 8 * 1024;
/// Largest stock on hand, far beyond any shop, far inside an `i64` when summed.
pub const STOCK: i64 = 1_000_000_000;
/// Pieces on hand up to which a variant runs low: a few sales before there is none.
pub const LOW_STOCK: i64 = 5;
/// Instalments without interest that a shop may offer: what card networks in Brazil divide a purchase into.
pub const INSTALLMENTS: i32 = 12;
/// Centavos of the smallest instalment: R$ 5,00, which acquirers ask for.
pub const SMALLEST_INSTALLMENT: i64 = 500;
/// Largest weight of a variant: ten tonnes.
pub const WEIGHT_GRAMS: i64 = 10_000_000;
/// Depth of the category tree: deeper menus can't be walked on a phone.
pub const CATEGORY_DEPTH: usize = 8;
/// Categories of a shop: its menu, and every decision about the tree, reads all of them at once.
pub const CATEGORIES: usize = 5_000;
/// Coupons of a shop: a list of them reads all at once, and codes for single buyers are another thing.
pub const COUPONS: usize = 1_000;
/// Characters of a coupon's code: fewer are guessed, more are not typed from a flyer.
pub const COUPON_CODE_CHARS: RangeInclusive<usize> = 3..=32;
/// Products that a coupon names: each is looked up when it is saved; for more there are categories.
pub const COUPON_PRODUCTS: usize = 100;
/// Categories that a coupon names, each with all that lies in it.
pub const COUPON_CATEGORIES: usize = 50;
/// Uses of a coupon, beyond any shop's orders.
pub const COUPON_USES: i64 = 1_000_000_000;
/// Members of a shop's staff, those that are disabled among them: each decision about administrators reads all of them together.
pub const STAFF: usize = 500;
/// Groups of a shop's staff: each is named on one page, and each session of a member reads those of the member.
pub const STAFF_GROUPS: usize = 50;
/// Characters of the name of a group of staff: it is read in lists.
pub const GROUP_NAME_CHARS: usize = 60;
/// Tokens of a shop that are good at once: each is a program that somebody looks after.
pub const TOKENS: usize = 100;
/// Ways of delivery of a shop: a buyer reads all that are offered, and each quote reads all that there are.
pub const SHIPPING_OPTIONS: usize = 20;
/// Lines of a way of delivery that is priced by a table: carriers' own have some hundred, and one of 2,000 takes 200 KB.
pub const SHIPPING_RATES: usize = 2_000;
/// Characters of the name of a way of delivery: it is read beside its price.
pub const SHIPPING_NAME_CHARS: usize = 60;
/// Business days of a delivery, at most: a year of them.
pub const SHIPPING_DAYS: i64 = 365;
/// Lines of a cart, and of the order that comes of it: each is a card that is read.
pub const CART_LINES: usize = 50;
/// Pieces of a line of a cart: who buys more talks to the shop.
pub const CART_PIECES: i64 = 999;
/// Mails with a link that a member of staff is to get in an hour: who looks for one finds it, and a stranger who
/// knows the address fills no mailbox.
pub const STAFF_MAILS_PER_HOUR: usize = 3;
/// Reports of a shop that are kept apart: by then operators know, and whoever goes on fills no table.
pub const SHOP_REPORTS: i64 = 1_000;
/// Characters of the path of a page that a report names.
pub const REPORTED_PAGE_CHARS: usize = 200;
/// Bytes of a form of the panel's: some dozens of fields of a few lines each.
pub const FORM_BYTES: usize = 64 * 1024;
/// Bytes of a file that an import takes: some 100,000 products; a larger shop sends several.
pub const IMPORT_FILE_BYTES: usize = 128 * 1024 * 1024;
/// Items of a list's page, by default and at most.
pub const PAGE_DEFAULT: usize = 24;
/// See [`PAGE_DEFAULT`].
pub const PAGE_MAX: usize = 100;
/// Bytes of a list's page: it ends there even before its limit of items. Some hundred usual items, and few enough that many pages
/// are made and sent at once.
pub const PAGE_BYTES: usize = 256 * 1024;
/// Images of an item in a list: the one that is seen, and the one behind it.
pub const CARD_IMAGES: usize = 2;
/// Values of an option of an item in a list: what a filter or a row of colours shows.
pub const CARD_OPTION_VALUES: usize = 20;
