//! Images drawn by the program: clothes, things for the home and books, each a self-contained SVG without scripts or
//! outside references. The same request always gives the same image; the seed makes two of a kind differ.

mod accessories;
mod art;
mod backdrop;
mod books;
mod bottoms;
mod brand;
mod canvas;
mod colour;
mod decor;
mod furniture;
mod seed;
mod spec;
mod tableware;
mod tops;

pub use brand::{Emblem, logo};
pub use canvas::Pattern;
pub use colour::{Rgb, named};
pub use seed::Seed;
pub use spec::{ImageSpec, Subject, View};

use canvas::{Canvas, HEIGHT, WIDTH};
use spec::Look;

/// The place at which a thing stands or hangs.
enum Setting {
    Wall,
    Floor,
    Ledge,
    Plinth,
}

/// The image as SVG text, 800 × 1000 units, at most 12 KB.
pub fn svg(spec: &ImageSpec<'_>) -> String {
    // The view is left out of the shape's seed: a detail must show the same thing as the whole.
    let mut canvas = Canvas::new(spec.seed);
    if spec.subject == Subject::Book {
        books::book(&mut canvas, spec);
        return canvas.finish(WIDTH, HEIGHT, spec.title);
    }
    let shape = canvas.seed.clone();
    canvas.seed = Seed::new(&format!("{}/{}/{:?}", spec.seed, spec.colour, spec.view));
    let room = backdrop::room_for(&mut canvas, spec.colour);
    let (zoom, near_x, near_y) = framing(spec.subject);
    canvas
        .open(format_args!("transform=\"translate({near_x} {near_y}) scale({zoom}) translate(-{near_x} -{near_y})\""));
    match setting(spec.subject) {
        Setting::Wall => backdrop::wall(&mut canvas, room),
        Setting::Floor => backdrop::standing(&mut canvas, room, furniture::FLOOR),
        Setting::Ledge => backdrop::ledge(&mut canvas, room, tableware::LEDGE - 30.0),
        Setting::Plinth => backdrop::plinth(&mut canvas, room, 700.0),
    }
    canvas.seed = shape;
    let look = Look { colour: spec.colour, accent: spec.accent, pattern: spec.pattern };
    match spec.view {
        View::Front => draw(&mut canvas, spec.subject, &look),
        View::Other => {
            let (x, y) = focus(spec.subject);
            canvas.open(format_args!(
                "transform=\"translate(400 500) rotate(-5) scale({:.2}) translate(-{x} -{y})\"",
                1.75 / zoom
            ));
            draw(&mut canvas, spec.subject, &look);
            canvas.close();
        }
    }
    canvas.close();
    canvas.finish(WIDTH, HEIGHT, spec.title)
}

fn setting(subject: Subject) -> Setting {
    use Subject::*;
    match subject {
        Sofa | Armchair | Chair | Stool | SideTable | Table | Shelf | FloorLamp | Basket | Rug | Cushion | Backpack => {
            Setting::Floor
        }
        TableLamp | Mug | Casserole | Bowls | Teapot | Glasses | Vase | PottedPlant | Candles | Earrings | Handbag => {
            Setting::Ledge
        }
        Sneakers | Sandals | Boots | StrawHat | Cap | Belt | Sunglasses => Setting::Plinth,
        _ => Setting::Wall,
    }
}

/// The scale of the whole scene, and the point that it is scaled about: small things would be lost in the frame
/// otherwise.
fn framing(subject: Subject) -> (f32, u32, u32) {
    use Subject::*;
    match subject {
        Tee | Tank | Shirt | Jumper | Hoodie | Jacket | Blazer | ShortDress => (1.12, 400, 90),
        Shorts | ShortSkirt => (1.28, 400, 60),
        Sneakers | Sandals | Boots | StrawHat | Belt | Sunglasses | Cap => (1.16, 400, 820),
        Mug | Bowls | Candles | Handbag => (1.26, 400, 860),
        Casserole | Glasses => (1.14, 400, 860),
        TableLamp | Vase | PottedPlant | Teapot => (1.08, 400, 860),
        Armchair | Stool | SideTable => (1.14, 400, 920),
        Tote | Backpack | Scarf | Socks => (1.12, 400, 560),
        _ => (1.0, 400, 500),
    }
}

/// The point a detail is centred on.
fn focus(subject: Subject) -> (u32, u32) {
    use Subject::*;
    match subject {
        Tee | Tank | Shirt | Jumper | Hoodie | Jacket | Blazer | ShortDress | LongDress | Jumpsuit => (400, 390),
        SlimTrousers | WideTrousers | Shorts | ShortSkirt | LongSkirt => (400, 350),
        Sneakers | Sandals | Boots | Cap | Belt | StrawHat | Sunglasses => (400, 570),
        Sofa | Armchair | Chair => (330, 650),
        Mug | Casserole | Bowls | Teapot | Glasses | Vase | Candles => (400, 610),
        FloorLamp => (340, 330),
        TableLamp | Pendant => (400, 450),
        _ => (400, 540),
    }
}

fn draw(canvas: &mut Canvas, subject: Subject, look: &Look) {
    use Subject::*;
    match subject {
        Tee => tops::tee(canvas, look),
        Tank => tops::tank(canvas, look),
        Shirt => tops::shirt(canvas, look),
        Jumper => tops::jumper(canvas, look),
        Hoodie => tops::hoodie(canvas, look),
        Jacket => tops::jacket(canvas, look),
        Blazer => tops::blazer(canvas, look),
        ShortDress => tops::dress(canvas, look, 770.0),
        LongDress => tops::dress(canvas, look, 910.0),
        Jumpsuit => tops::jumpsuit(canvas, look),
        SlimTrousers => bottoms::trousers(canvas, look, 150.0),
        WideTrousers => bottoms::trousers(canvas, look, 218.0),
        Shorts => bottoms::shorts(canvas, look),
        ShortSkirt => bottoms::skirt(canvas, look, 600.0),
        LongSkirt => bottoms::skirt(canvas, look, 850.0),
        Socks => bottoms::socks(canvas, look),
        Sneakers => accessories::sneakers(canvas, look),
        Sandals => accessories::sandals(canvas, look),
        Boots => accessories::boots(canvas, look),
        Tote => accessories::tote(canvas, look),
        Handbag => accessories::handbag(canvas, look),
        Backpack => accessories::backpack(canvas, look),
        StrawHat => accessories::straw_hat(canvas, look),
        Cap => accessories::cap(canvas, look),
        Scarf => accessories::scarf(canvas, look),
        Belt => accessories::belt(canvas, look),
        Sunglasses => accessories::sunglasses(canvas, look),
        Earrings => accessories::earrings(canvas, look),
        Sofa => furniture::sofa(canvas, look),
        Armchair => furniture::armchair(canvas, look),
        Chair => furniture::chair(canvas, look),
        Stool => furniture::stool(canvas, look),
        SideTable => furniture::side_table(canvas, look),
        Table => furniture::table(canvas, look),
        Shelf => furniture::shelf(canvas, look),
        TableLamp => furniture::table_lamp(canvas, look),
        FloorLamp => furniture::floor_lamp(canvas, look),
        Pendant => furniture::pendant(canvas, look),
        Mug => tableware::mug(canvas, look),
        Casserole => tableware::casserole(canvas, look),
        FryingPan => tableware::frying_pan(canvas, look),
        Bowls => tableware::bowls(canvas, look),
        Plates => tableware::plates(canvas, look),
        Teapot => tableware::teapot(canvas, look),
        Board => tableware::board(canvas, look),
        Glasses => tableware::glasses(canvas, look),
        Cushion => decor::cushion(canvas, look),
        Rug => decor::rug(canvas, look),
        Throw => decor::throw(canvas, look),
        Vase => decor::vase(canvas, look),
        PottedPlant => decor::potted_plant(canvas, look),
        Mirror => decor::mirror(canvas, look),
        FramedPrint => decor::framed_print(canvas, look),
        Clock => decor::clock(canvas, look),
        Candles => decor::candles(canvas, look),
        Basket => decor::basket(canvas, look),
        // A book brings its own backdrop and is drawn before this choice; a framed print keeps the match whole.
        Book => decor::framed_print(canvas, look),
    }
}
