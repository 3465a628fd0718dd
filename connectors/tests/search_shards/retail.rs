//! Quality of a shop's search over words, as shares: singular for plural and back, and words for different things.

use crate::common::{filled, found, named};

/// Singulars and plurals of what shops sell, or say of it.
const INFLECTED: &str = "\
    mês meses, país países, mãe mães, pôster pôsteres, pôster posters, jean jeans, body bodies, body bodys, \
    top tops, legging leggings, cropped croppeds, blazer blazers, sofá sofás, hambúrguer hambúrgueres, \
    açúcar açúcares, fóssil fósseis, míssil mísseis, réptil répteis, têxtil têxteis, projétil projéteis, \
    tatu tatus, alemão alemães, corrimão corrimãos, corrimão corrimões, bênção bênçãos, órgão órgãos, \
    lilás lilases, líder líderes, gel géis, hífen hifens, abdômen abdomens, pneu pneus, véu véus, \
    chapéu chapéus, troféu troféus, degrau degraus, rapaz rapazes, juiz juízes, lei leis, rei reis, boi bois, \
    herói heróis, anzol anzóis, farol faróis, girassol girassóis, caracol caracóis, guarda-sol guarda-sóis, \
    box boxes, fax faxes, peixe peixes, feixe feixes, sanduíche sanduíches, fetiche fetiches, purê purês, \
    bebê bebês, patê patês, crochê crochês, buquê buquês, pé pés, pá pás, pó pós, fã fãs, lã lãs, maçã maçãs, \
    romã romãs, irmã irmãs, ímã ímãs, abacaxi abacaxis, caqui caquis, biquíni biquínis, maiô maiôs, \
    robô robôs, táxi táxis, sushi sushis, rubi rubis, javali javalis, perfil perfis, refil refis, \
    barril barris, canil canis, fuzil fuzis, cantil cantis, vinil vinis, pernil pernis, quadril quadris, \
    infantil infantis, gentil gentis, sutil sutis, fácil fáceis, difícil difíceis, ágil ágeis, frágil frágeis, \
    versátil versáteis, retrátil retráteis, volátil voláteis, dócil dóceis, hábil hábeis, têxtil têxteis, \
    estêncil estênceis, estéril estéreis, álcool álcoois, item itens, trem trens, homem homens, nuvem nuvens, \
    jardim jardins, patim patins, amendoim amendoins, cupom cupons, batom batons, bombom bombons, \
    edredon edredons, nylon nylons, van vans, torre torres, vinagre vinagres, cofre cofres, cobre cobres, \
    software softwares, halter halteres, colher colheres, talher talheres, motor motores, sensor sensores, \
    secador secadores, pulôver pulôveres, suéter suéteres, gravador gravadores, luz luzes, cruz cruzes, \
    noz nozes, arroz arrozes, bronze bronzes, gaze gazes, base bases, dose doses, mousse mousses, \
    classe classes, vaso vasos, gás gases, francês franceses, inglês ingleses, japonês japoneses, \
    chaise chaises, kit kits, led leds, cd cds, tv tvs, drone drones, notebook notebooks, mouse mouses, \
    pixel pixels, pixel pixéis, hotel hotéis, painel painéis, coquetel coquetéis, tonel tonéis, \
    cordel cordéis, papel papéis, hobby hobbies, spray sprays, display displays, jersey jerseys, série séries, \
    espécie espécies, glass glasses, watch watches, samurai samurais, bonsai bonsais, pônei pôneis, \
    vôlei vôleis, mel méis, sal sais, mal males, cal cais, real reais, pai pais, cristal cristais, \
    varal varais, castiçal castiçais, dedal dedais, enxoval enxovais, avental aventais, azul azuis, \
    paul pauis, mão mãos, pão pães, cão cães, vilão vilões, limão limões, violão violões, colchão colchões, \
    fogão fogões, sabão sabões, botão botões, macarrão macarrões, camarão camarões, verão verões, \
    cordão cordões, leão leões, coração corações, ração rações, loção loções, calção calções, roupão roupões, \
    órfão órfãos, sótão sótãos, grão grãos, cidadão cidadãos, chão chãos, jeans jean, gim gins, rum runs, \
    álbum álbuns, fórum fóruns, atum atuns, jejum jejuns, pinguim pinguins, cetim cetins, marrom marrons, \
    bege beges, cinza cinzas, grande grandes, estojo estojos, mochila mochilas, quebra-cabeça quebra-cabeças, \
    cachorro cachorros, gato gatos, âmbar âmbares, dólar dólares, néctar néctares, ímpar ímpares, \
    colar colares, celular celulares, altar altares, pilar pilares, lar lares, bar bares, mar mares, \
    par pares, cor cores, flor flores, pudor pudores, mulher mulheres, éter éteres, zíper zíperes, \
    câncer cânceres, faquir faquires, elixir elixires, abajur abajures, tambor tambores, suor suores";

/// Words for different things that a stemmer, or forgiveness, may join. A few differ by accents alone, and can't be told
/// apart.
const DIFFERENT: &str = "\
    maca maçã, bolo bola, porta porto, mato mata, vela velo, tela telo, pasta pasto, pêra pero, ouro our, \
    mel meia, gel gelo, anel anelo, papel papelão, mão mamão, caixa caixão, cartão carta, cordão corda, \
    colchão colcha, portão porta, balcão balc, facão faca, garrafão garrafa, panela painel, pincel pinça, \
    sabão sabonete, vinho vinha, caderno caderneta, saco saca, sacola saco, couro cora, tampa tampo, \
    barraca barraco, casaco casaca, punho punha, ramo rama, lente lento, pente pento, monte monto, \
    cesta cesto, tubo tuba, ponto ponta, fita fito, corpo corpete, mesa mês, verde ver, cama câmera, pia pião, \
    peão pia, trena trem, flor flora, cor coro, bar barra, mar mare, sal sala, mal mala, gol gola, anil anis, \
    canil cano, funil funk, barril barra, perfil perfume, til tila, luz luzia, giz gisa, rosa rosé, meia meio, \
    peça peso, taco taca, banco banca, lona lono, lata lato, copo copa, bico bica, caneco caneca, \
    chinelo chinela, sapato sapata, jarro jarra, galinha galo, ovo ova, milho milha, palha palho, corte corta, \
    forro forra, torno torna, linho linha, pino pinha, pilha pilhar, fralda fraldário, doce dose, calda caldo, \
    caldo cal, pau pá, pé pele, mó mola";

fn pairs(list: &'static str) -> Vec<(&'static str, &'static str)> {
    list.split(", ").filter_map(|pair| pair.split_once(' ')).collect()
}

/// The share of these pairs, both ways, in which one word finds the product named by the other, and the pairs that it
/// misses.
async fn share_found(pairs: &[(&str, &str)]) -> (f64, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut words: Vec<&str> = pairs.iter().flat_map(|pair| [pair.0, pair.1]).collect();
    words.sort_unstable();
    words.dedup();
    let documents: Vec<_> = words.iter().zip(1..).map(|(word, id)| named(id, word)).collect();
    let shards = filled(folder.path(), &documents).await;
    let (mut yes, mut no) = (Vec::new(), Vec::new());
    for (one, other) in pairs.iter().flat_map(|pair| [(pair.0, pair.1), (pair.1, pair.0)]) {
        let id = words.binary_search(&other).unwrap() as u128 + 1;
        let finds = found(&shards, one).await.contains(&id);
        if finds { &mut yes } else { &mut no }.push(format!("{one} {other}"));
    }
    println!("found: {}; not: {}", yes.join(", "), no.join(", "));
    (yes.len() as f64 / (yes.len() + no.len()) as f64, yes)
}

#[tokio::test]
async fn f35_singular_and_plural_find_each_other_and_other_things_are_not_mixed() {
    let (inflected, different) = (pairs(INFLECTED), pairs(DIFFERENT));
    assert!(inflected.len() > 200 && different.len() > 90, "{} and {}", inflected.len(), different.len());
    let (share, _) = share_found(&inflected).await;
    assert!(share >= 0.98, "{share}");
    let (share, mixed) = share_found(&different).await;
    assert!(share <= 0.03, "{share}: {mixed:?}");
}
