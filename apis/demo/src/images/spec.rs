//! The order for a drawing: a thing, from where, in which colours.

use super::canvas::Pattern;
use super::colour::Rgb;

/// The subject of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each kind is named after the thing it draws")]
pub enum Subject {
    Tee,
    Tank,
    Shirt,
    Jumper,
    Hoodie,
    Jacket,
    Blazer,
    ShortDress,
    LongDress,
    Jumpsuit,
    SlimTrousers,
    WideTrousers,
    Shorts,
    ShortSkirt,
    LongSkirt,
    Socks,
    Sneakers,
    Sandals,
    Boots,
    Tote,
    Handbag,
    Backpack,
    StrawHat,
    Cap,
    Scarf,
    Belt,
    Sunglasses,
    Earrings,
    Sofa,
    Armchair,
    Chair,
    Stool,
    SideTable,
    Table,
    Shelf,
    TableLamp,
    FloorLamp,
    Pendant,
    Mug,
    Casserole,
    FryingPan,
    Bowls,
    Plates,
    Teapot,
    Board,
    Glasses,
    Cushion,
    Rug,
    Throw,
    Vase,
    PottedPlant,
    Mirror,
    FramedPrint,
    Clock,
    Candles,
    Basket,
    Book,
}

/// The side from which a thing is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The whole thing.
    Front,
    /// A second image: a detail from near, or a book's back.
    Other,
}

/// An image to draw.
#[derive(Clone, Copy, Debug)]
pub struct ImageSpec<'a> {
    /// The seed that makes this drawing differ from others of its kind: the product's slug, usually.
    pub seed: &'a str,
    /// The thing that is drawn.
    pub subject: Subject,
    /// The side from which the thing is seen.
    pub view: View,
    /// The main colour.
    pub colour: Rgb,
    /// Buttons, prints, trims, feet.
    pub accent: Rgb,
    /// The pattern that the cloth is printed or woven with.
    pub pattern: Pattern,
    /// The accessible name, and what stands on a book's cover.
    pub title: &'a str,
    /// A book's author; elsewhere not drawn.
    pub byline: &'a str,
}

/// The colours and seed that the drawing of one thing needs.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) colour: Rgb,
    pub(super) accent: Rgb,
    pub(super) pattern: Pattern,
}
