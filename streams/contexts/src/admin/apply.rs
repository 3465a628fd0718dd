//! The rows that admin's events make.

use std::collections::BTreeSet;

use feira_schemas::{
    api::payment_method::KINDS,
    ids::{ImageId, StaffId},
    records::{
        AdminEvent, EventSet,
        admin::{
            CategoryChanged, CategoryDeleted, CouponChanged, CouponRemoved, OfferedMethod, ProductChanged,
            ProductDeleted, ProductMethod, ShopMethod, ShopReported, StaffChanged,
        },
        catalogue::ImageStatus,
        common::EventMeta,
        mails::{MailEvent, MailWanted, SaysMails},
    },
    row::Write,
    rows::admin::{
        CategoryRow, CategorySlugRow, CouponCountRow, CouponRow, DomainRow, MailRow, OfferedMethodRow, OpenMailRow,
        ProductCountRow, ProductMethodRow, ProductRow, ProductSlugRow, RemovedImageRow, SettingsRow, ShippingOptionRow,
        ShopMethodRow, ShopNameRow, ShopReportCountRow, ShopReportOfMonthRow, ShopReportRow, StaffEmailRow,
        StaffGroupRow, StaffMailRow, StaffRow, StandingRow, TenantRow, TokenRow,
    },
    sealed::SubjectKind,
};

use crate::mails;

pub(super) fn apply(event: &AdminEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    match event {
        AdminEvent::TenantChanged(event) => vec![Write::put(TenantRow { tenant: event.tenant.clone() }, write_ts)],
        AdminEvent::SettingsChanged(event) => {
            let settings = Write::put(SettingsRow { tenant_id, settings: event.settings.clone() }, write_ts);
            removed_images(&event.meta, event.removed_logo).chain([settings]).collect()
        }
        AdminEvent::TokenChanged(event) => {
            vec![Write::put(TokenRow { tenant_id, token: event.token.clone() }, write_ts)]
        }
        AdminEvent::ShopNameChanged(event) => {
            vec![Write::put(ShopNameRow { tenant_id, name: event.name.clone() }, write_ts)]
        }
        AdminEvent::CategoryChanged(event) => category_changed(event),
        AdminEvent::CategoryDeleted(event) => category_deleted(event),
        AdminEvent::ProductChanged(event) => product_changed(event),
        AdminEvent::ProductDeleted(event) => product_deleted(event),
        AdminEvent::StaffChanged(event) => staff_changed(event),
        AdminEvent::StaffGroupChanged(event) => {
            vec![Write::put(StaffGroupRow { tenant_id, group: event.group.clone() }, write_ts)]
        }
        AdminEvent::StaffGroupRemoved(event) => {
            let key = StaffGroupRow::at(tenant_id, event.group.group_id);
            vec![Write::delete::<StaffGroupRow>(key, write_ts)]
        }
        AdminEvent::StandingChanged(event) => {
            vec![Write::put(StandingRow { tenant_id, standing: event.standing.clone() }, write_ts)]
        }
        AdminEvent::ShopReported(event) => shop_reported(event),
        AdminEvent::OfferedMethodChanged(event) => {
            vec![Write::put(OfferedMethodRow { tenant_id, removed: false, offered: event.method.clone() }, write_ts)]
        }
        AdminEvent::OfferedMethodRemoved(event) => {
            let offered = OfferedMethod { version: event.method.version + 1, ..event.method.clone() };
            vec![Write::put(OfferedMethodRow { tenant_id, removed: true, offered }, write_ts)]
        }
        AdminEvent::ShopMethodChanged(event) => {
            vec![Write::put(ShopMethodRow { tenant_id, removed: false, taken: event.method.clone() }, write_ts)]
        }
        AdminEvent::ShopMethodRemoved(event) => {
            let taken = ShopMethod { version: event.method.version + 1, ..event.method.clone() };
            vec![Write::put(ShopMethodRow { tenant_id, removed: true, taken }, write_ts)]
        }
        AdminEvent::ProductMethodChanged(event) => {
            vec![Write::put(ProductMethodRow { tenant_id, removed: false, taken: event.method.clone() }, write_ts)]
        }
        AdminEvent::ProductMethodRemoved(event) => {
            let taken = ProductMethod { version: event.method.version + 1, ..event.method.clone() };
            vec![match event.meta.answers {
                Some(_) => Write::put(ProductMethodRow { tenant_id, removed: true, taken }, write_ts),
                // It went with its product, of which nothing comes again.
                None => Write::delete::<ProductMethodRow>(
                    ProductMethodRow::at(tenant_id, taken.product_id, taken.method),
                    write_ts,
                ),
            }]
        }
        AdminEvent::DomainChanged(event) => {
            let (version, domain) = (event.meta.aggregate_version, event.domain.clone());
            vec![Write::put(DomainRow { tenant_id, version, domain }, write_ts)]
        }
        AdminEvent::CouponChanged(event) => coupon_changed(event),
        AdminEvent::CouponRemoved(event) => coupon_removed(event),
        AdminEvent::ShippingChanged(event) => {
            vec![Write::put(ShippingOptionRow { tenant_id, option: event.option.clone() }, write_ts)]
        }
        AdminEvent::ShippingRemoved(event) => {
            let key = ShippingOptionRow::at(tenant_id, event.option.shipping_id);
            vec![Write::delete::<ShippingOptionRow>(key, write_ts)]
        }
        AdminEvent::MailWanted(event) => mail_wanted(event),
        AdminEvent::MailDone(event) => vec![mails::row::<MailRow>(MailEvent::Done(event))],
        AdminEvent::CommandAnswered(_) | AdminEvent::TimerSet(_) | AdminEvent::TimerCleared(_) => Vec::new(),
    }
}

/// The row by which who sends finds a mail that is open in a partition.
pub(super) fn of_partition(event: &AdminEvent, partition: u32) -> Vec<Write> {
    event.as_mail().map(|event| mails::open_row::<OpenMailRow>(event, partition)).into_iter().collect()
}

fn category_changed(event: &CategoryChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let category = &event.category;
    let slug = CategorySlugRow { tenant_id, slug: category.slug.clone(), category_id: category.category_id };
    let mut writes =
        vec![Write::put(CategoryRow::new(tenant_id, category.clone()), write_ts), Write::put(slug, write_ts)];
    // An event of before there was a history names only the slug that went; those in it were made by the events that introduced them.
    let kept = |slug: &&String| **slug != category.slug && !category.slug_history.contains(slug);
    let gone: BTreeSet<&String> = event.previous_slug.iter().chain(&event.forgotten_slugs).filter(kept).collect();
    let gone = gone.into_iter().map(|slug| CategorySlugRow::at(tenant_id, slug));
    writes.extend(gone.map(|slug| Write::delete::<CategorySlugRow>(slug, write_ts)));
    writes
}

fn category_deleted(event: &CategoryDeleted) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let category = &event.category;
    let slugs = std::iter::once(&category.slug).chain(&category.slug_history);
    let mut writes = vec![Write::delete::<CategoryRow>(CategoryRow::at(tenant_id, category.category_id), write_ts)];
    writes.extend(slugs.map(|slug| Write::delete::<CategorySlugRow>(CategorySlugRow::at(tenant_id, slug), write_ts)));
    writes
}

fn product_changed(event: &ProductChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let product = &event.product;
    let slug = ProductSlugRow { tenant_id, slug: product.slug.clone(), product_id: product.product_id };
    // Rows of older slugs were made by the events that introduced them and stay as they are.
    let mut writes =
        vec![Write::put(ProductRow { tenant_id, product: product.clone() }, write_ts), Write::put(slug, write_ts)];
    let forgotten = event.forgotten_slugs.iter();
    writes.extend(forgotten.map(|slug| Write::delete::<ProductSlugRow>(ProductSlugRow::at(tenant_id, slug), write_ts)));
    writes.extend(removed_images(&event.meta, event.removed_images.iter().copied()));
    writes.extend(counted(&event.meta, event.products));
    writes
}

fn product_deleted(event: &ProductDeleted) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let product = &event.product;
    let slugs = std::iter::once(&product.slug).chain(&product.slug_history);
    let mut writes = vec![Write::delete::<ProductRow>(ProductRow::at(tenant_id, product.product_id), write_ts)];
    writes.extend(slugs.map(|slug| Write::delete::<ProductSlugRow>(ProductSlugRow::at(tenant_id, slug), write_ts)));
    let with_file = product.images.iter().filter(|image| image.status == ImageStatus::Ready);
    writes.extend(removed_images(&event.meta, with_file.map(|image| image.image_id)));
    // Also those that were removed before, of which no event says that they go.
    let methods = KINDS.into_iter().map(|(method, ..)| ProductMethodRow::at(tenant_id, product.product_id, method));
    writes.extend(methods.map(|key| Write::delete::<ProductMethodRow>(key, write_ts)));
    writes.extend(counted(&event.meta, event.products));
    writes
}

/// The number of a shop's products, where they are counted.
fn counted(meta: &EventMeta, products: Option<i64>) -> Option<Write> {
    let row = |products| ProductCountRow { tenant_id: meta.tenant_id, products };
    products.map(|products| Write::put(row(products), meta.write_ts))
}

fn coupon_changed(event: &CouponChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let CouponChanged { coupon, coupons, removed_version, .. } = event.clone();
    let count = CouponCountRow { tenant_id, coupons, removed_version };
    vec![Write::put(CouponRow { tenant_id, coupon }, write_ts), Write::put(count, write_ts)]
}

fn coupon_removed(event: &CouponRemoved) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let CouponRemoved { coupon, coupons, removed_version, .. } = event;
    let count = CouponCountRow { tenant_id, coupons: *coupons, removed_version: *removed_version };
    let key = CouponRow::at(tenant_id, &coupon.code);
    vec![Write::delete::<CouponRow>(key, write_ts), Write::put(count, write_ts)]
}

fn staff_changed(event: &StaffChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let StaffChanged { staff, .. } = event;
    let email = StaffEmailRow { tenant_id, email_term: staff.email_term.clone(), staff_id: staff.staff_id };
    vec![Write::put(StaffRow { tenant_id, staff: staff.clone() }, write_ts), Write::put(email, write_ts)]
}

fn shop_reported(event: &ShopReported) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let (report, reports) = (event.report.clone(), event.reports);
    vec![
        Write::put(ShopReportOfMonthRow::of(tenant_id, &report), write_ts),
        Write::put(ShopReportRow::new(tenant_id, report), write_ts),
        Write::put(ShopReportCountRow { tenant_id, reports }, write_ts),
    ]
}

/// A mail about a member of staff has a link, and counts against those that the member may get.
fn mail_wanted(event: &MailWanted) -> Vec<Write> {
    let MailWanted { meta, mail } = event;
    let subject = mail.recipient.envelope().subject();
    let of_staff = (subject.kind() == SubjectKind::Staff).then(|| StaffMailRow {
        tenant_id: meta.tenant_id,
        staff_id: StaffId::from_uuid(subject.id()),
        wanted_at: mail.wanted_at,
        mail_id: mail.mail_id,
    });
    let counted = of_staff.map(|row| Write::put(row, meta.write_ts));
    [mails::row::<MailRow>(MailEvent::Wanted(event))].into_iter().chain(counted).collect()
}

fn removed_images(meta: &EventMeta, images: impl IntoIterator<Item = ImageId>) -> impl Iterator<Item = Write> {
    let EventMeta { tenant_id, write_ts, occurred_at: removed_at, .. } = *meta;
    let distinct: BTreeSet<ImageId> = images.into_iter().collect();
    let row = move |image_id| RemovedImageRow { tenant_id, image_id, removed_at };
    distinct.into_iter().map(move |image| Write::put(row(image), write_ts))
}
