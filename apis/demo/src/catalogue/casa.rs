//! Casa Jatobá: furniture, light, kitchen and decoration.

use super::{DemoCategory, DemoProduct, item, top, under};
use crate::images::{Pattern::*, Subject::*};

/// The categories, parents first.
#[rustfmt::skip]
pub const CATEGORIES: &[DemoCategory] = &[
    top("moveis", "Móveis"),
    under("moveis", "sofas-e-poltronas", "Sofás e poltronas"),
    under("moveis", "cadeiras-e-bancos", "Cadeiras e bancos"),
    under("moveis", "mesas", "Mesas"),
    under("moveis", "estantes", "Estantes"),
    top("iluminacao", "Iluminação"),
    under("iluminacao", "luminarias-de-mesa", "Luminárias de mesa"),
    under("iluminacao", "luminarias-de-piso", "Luminárias de piso"),
    under("iluminacao", "pendentes", "Pendentes"),
    top("cozinha-e-mesa", "Cozinha e mesa"),
    under("cozinha-e-mesa", "canecas-e-bules", "Canecas e bules"),
    under("cozinha-e-mesa", "panelas", "Panelas"),
    under("cozinha-e-mesa", "loucas-e-copos", "Louças e copos"),
    top("decoracao", "Decoração"),
    under("decoracao", "almofadas-e-mantas", "Almofadas e mantas"),
    under("decoracao", "tapetes", "Tapetes"),
    under("decoracao", "vasos-e-plantas", "Vasos e plantas"),
    under("decoracao", "parede", "Espelhos, quadros e relógios"),
    under("decoracao", "velas-e-cestos", "Velas e cestos"),
];

/// The products. New ones go to the end: their order is the order in which the shop receives them.
#[rustfmt::skip]
pub const PRODUCTS: &[DemoProduct] = &[
    item("sofa-prosa", "Sofá Prosa", "sofas-e-poltronas", Sofa, 289900, "Marcenaria Pau-Ferro").was(339900).grams(48000).drawing(6).axis("Lugares", &["2 lugares", "3 lugares"]).percent(&[100, 132]).colours(&["Sálvia", "Terracota", "Cru"]).tags(&["sofá", "sala"]).featured()
        .html("<p>Um sofá para conversas compridas, com assento fundo e braço na altura da xícara. A estrutura é de eucalipto de reflorestamento.</p><p>As capas saem com zíper e vão à máquina.</p>"),
    item("namoradeira-varal", "Namoradeira Varal", "sofas-e-poltronas", Sofa, 219900, "Marcenaria Pau-Ferro").grams(36000).colours(&["Azul-petróleo", "Mostarda"]).print(Weave).tags(&["sofá", "compacto"])
        .html("<p>Pequena o bastante para o apartamento e firme o bastante para a sesta. Linho misto de trama grossa, que esconde os pelos do gato.</p>"),
    item("poltrona-concha", "Poltrona Concha", "sofas-e-poltronas", Armchair, 149900, "Marcenaria Pau-Ferro").grams(21000).colours(&["Goiaba", "Verde-musgo", "Caramelo"]).tags(&["poltrona", "veludo"]).featured()
        .html("<p>Encosto em gomos que abraça. O veludo tem tratamento contra manchas: passe um pano úmido e pronto.</p>"),
    item("poltrona-leitura-lenta", "Poltrona Leitura Lenta", "sofas-e-poltronas", Armchair, 169900, "Marcenaria Pau-Ferro").was(189900).grams(23000).colours(&["Cinza", "Azul-marinho"]).print(Weave).tags(&["poltrona", "leitura"])
        .html("<p>Feita para capítulos inteiros. O apoio lombar é discreto e os braços são largos, do tamanho de um livro aberto.</p>"),
    item("poltrona-lareira", "Poltrona Lareira", "sofas-e-poltronas", Armchair, 158900, "Marcenaria Pau-Ferro").grams(22500).colours(&["Bordô", "Oliva"]).print(Plaid).tags(&["poltrona", "xadrez"])
        .html("<p>Xadrez de lã como nas casas da serra, com enchimento de espuma e pluma. Fica bonita até vazia.</p>"),
    item("cadeira-ripada", "Cadeira Ripada", "cadeiras-e-bancos", Chair, 54900, "Marcenaria Pau-Ferro").grams(5200).colours(&["Terracota", "Verde", "Cru"]).tags(&["cadeira", "jantar"])
        .html("<p>Madeira maciça torneada e assento estofado. Empilha até quatro.</p><p>Vendida por unidade, já montada.</p>"),
    item("cadeira-palhinha-serena", "Cadeira Serena", "cadeiras-e-bancos", Chair, 69900, "Marcenaria Pau-Ferro").was(79900).grams(4800).drawing(6).colours(&["Natural", "Preto"]).print(Weave).tags(&["cadeira", "palhinha"])
        .html("<p>Assento e encosto de palhinha natural, trançada à mão. É leve de carregar pela casa e firme na hora do jantar.</p>"),
    item("cadeira-cantina", "Cadeira Cantina", "cadeiras-e-bancos", Chair, 49900, "Oficina Três Pregos").grams(4600).colours(&["Vermelho", "Azul", "Mostarda"]).print(Gingham).tags(&["cadeira", "colorida"])
        .html("<p>Tem cara de toalha xadrez e prato fundo. O estofado sai com quatro parafusos, para lavar. Pés com feltro.</p>"),
    item("banco-alto-balcao", "Banco alto Balcão", "cadeiras-e-bancos", Stool, 39900, "Oficina Três Pregos").grams(4100).axis("Acabamento", &["Carvalho", "Nogueira", "Preto"]).tags(&["banco", "cozinha"])
        .html("<p>Para o balcão da cozinha ou o canto das plantas. O aro de apoio poupa os pés e as pernas não bambeiam.</p>"),
    item("banquinho-tropical", "Banquinho Rodapé", "cadeiras-e-bancos", Stool, 32900, "Oficina Três Pregos").grams(3300).colours(&["Coral", "Turquesa"]).print(Leaves).tags(&["banco", "estofado"])
        .html("<p>Assento estofado com tecido estampado e pés de madeira clara. Serve de banco, de mesinha e de escada para alcançar o pote de biscoito.</p>"),
    item("mesa-lateral-pires", "Mesa lateral Pires", "mesas", SideTable, 45900, "Marcenaria Pau-Ferro").grams(6200).axis("Acabamento", &["Nogueira", "Carvalho", "Sálvia"]).tags(&["mesa", "sala"]).featured()
        .html("<p>O tampo tem uma borda fina, como um pires, e nada rola para o chão. Três pés, que nunca ficam mancos.</p>"),
    item("mesa-de-centro-clareira", "Mesa de centro Clareira", "mesas", SideTable, 78900, "Marcenaria Pau-Ferro").was(89900).grams(12500).axis("Acabamento", &["Carvalho", "Terracota"]).tags(&["mesa", "sala"])
        .html("<p>Redonda e baixa, para espalhar revistas e xícaras. Verniz à base de água, que não amarela.</p>"),
    item("mesa-de-jantar-partilha", "Mesa de jantar Partilha", "mesas", Table, 249900, "Marcenaria Pau-Ferro").grams(42000).axis("Medida", &["1,40 m", "1,80 m", "2,20 m"]).percent(&[100, 124, 150]).axis("Acabamento", &["Nogueira", "Carvalho"]).tags(&["mesa", "jantar"])
        .html("<p>Madeira de demolição com as marcas que o tempo deixou. Cabe a família e mais dois que chegaram sem avisar.</p><p>Cada tampo é único: mandamos a foto antes de entregar.</p>"),
    item("escrivaninha-rascunho", "Escrivaninha Rascunho", "mesas", Table, 119900, "Oficina Três Pregos").was(134900).grams(19000).axis("Acabamento", &["Carvalho", "Azul-petróleo", "Branco"]).tags(&["escritório", "mesa"])
        .html("<p>Duas gavetas rasas e uma passagem escondida para os fios. A altura foi pensada para escrever à mão e também para o computador.</p>"),
    item("aparador-corredor", "Aparador Corredor", "mesas", Table, 98900, "Oficina Três Pregos").grams(17000).axis("Acabamento", &["Nogueira", "Verde-musgo"]).tags(&["aparador", "entrada"])
        .html("<p>Estreito, para passar por ele sem desviar. Recebe as chaves, as cartas e um vaso de flores.</p>"),
    item("estante-alfarrabio", "Estante Alfarrábio", "estantes", Shelf, 139900, "Oficina Três Pregos").grams(31000).axis("Acabamento", &["Branco", "Carvalho", "Sálvia"]).tags(&["estante", "livros"])
        .html("<p>Quatro prateleiras que não envergam: foram testadas com enciclopédias. Fixa na parede com duas cantoneiras, incluídas.</p>"),
    item("estante-botica", "Estante Botica", "estantes", Shelf, 169900, "Marcenaria Pau-Ferro").was(194900).grams(38000).axis("Acabamento", &["Azul-marinho", "Nogueira"]).tags(&["estante", "cozinha"])
        .html("<p>Inspirada nas boticas antigas, com fundo pintado em tom mais claro. Fica bem com livros, potes ou louça à mostra.</p>"),
    item("luminaria-de-mesa-cogumelo", "Luminária de mesa Cogumelo", "luminarias-de-mesa", TableLamp, 28900, "Luz de Fresta").grams(1900).drawing(5).colours(&["Salmão", "Verde-água", "Cru"]).tags(&["luminária", "quarto"]).featured()
        .html("<p>Luz baixa e quente, que não atrapalha o sono de ninguém. Tem três intensidades: basta tocar na base.</p>"),
    item("luminaria-de-mesa-estudo", "Luminária Estudo", "luminarias-de-mesa", TableLamp, 23900, "Luz de Fresta").grams(1600).colours(&["Mostarda", "Preto", "Vermelho"]).tags(&["luminária", "escritório"])
        .html("<p>Haste firme e cúpula de metal pintado. O fio é revestido de algodão e tem dois metros, para alcançar qualquer tomada.</p>"),
    item("abajur-poa-ninar", "Abajur Ninar", "luminarias-de-mesa", TableLamp, 19900, "Luz de Fresta").was(23900).grams(1300).colours(&["Rosa", "Azul-claro"]).print(Dots).tags(&["abajur", "infantil"])
        .html("<p>Cúpula de tecido com bolinhas, que viram estrelas no teto quando a luz acende. Base larga, difícil de tombar.</p>"),
    item("abajur-ceramica-enseada", "Abajur de cerâmica Enseada", "luminarias-de-mesa", TableLamp, 34900, "Barro & Forno").grams(2700).colours(&["Azul-petróleo", "Argila"]).print(Stripes).tags(&["abajur", "cerâmica"])
        .html("<p>Base torneada e esmaltada em forno a lenha. A cúpula listrada é feita por uma costureira do bairro. Não há dois iguais.</p>"),
    item("luminaria-de-piso-arco", "Luminária de piso Arco", "luminarias-de-piso", FloorLamp, 64900, "Luz de Fresta").grams(9800).colours(&["Preto", "Dourado"]).tags(&["luminária", "sala"])
        .html("<p>Passa por cima do sofá e ilumina o colo, não os olhos. A base é pesada de propósito.</p>"),
    item("luminaria-de-piso-tripe", "Luminária de piso Cavalete", "luminarias-de-piso", FloorLamp, 52900, "Luz de Fresta").was(61900).grams(5400).drawing(2).colours(&["Cru", "Terracota"]).print(Weave).tags(&["luminária", "linho"])
        .html("<p>Três pernas de madeira e cúpula de linho. O interruptor fica no pé, fácil de achar no escuro.</p>"),
    item("luminaria-de-piso-geometrica", "Luminária de piso Biombo", "luminarias-de-piso", FloorLamp, 48900, "Luz de Fresta").grams(4900).colours(&["Oliva", "Índigo"]).print(Geometric).tags(&["luminária"])
        .html("<p>O desenho da cúpula projeta losangos suaves na parede. Aceita lâmpadas de LED de até 12 watts.</p>"),
    item("pendente-sino", "Pendente Sino", "pendentes", Pendant, 32900, "Luz de Fresta").grams(1500).drawing(2).colours(&["Cobre", "Branco", "Verde"]).tags(&["pendente", "jantar"]).featured()
        .html("<p>Alumínio repuxado à mão, pintado por fora e dourado por dentro. Sobre a mesa, faz a comida parecer ainda melhor.</p>"),
    item("pendente-balao", "Pendente Balão", "pendentes", Pendant, 27900, "Luz de Fresta").grams(900).colours(&["Cru", "Coral"]).print(Ribs).tags(&["pendente", "papel"])
        .html("<p>Papel de fibra sobre arcos de bambu. Chega dobrado, leve como uma carta, e se abre em um gesto.</p>"),
    item("trio-de-pendentes-quermesse", "Trio de pendentes Quermesse", "pendentes", Pendant, 41900, "Luz de Fresta").was(48900).grams(2600).drawing(4).colours(&["Mostarda", "Azul-claro"]).tags(&["pendente", "cozinha"])
        .html("<p>Três alturas, um só ponto de luz no teto. Os cabos podem ser encurtados sem ferramenta.</p>"),
    item("caneca-esmaltada-fogao", "Caneca Fogão a Lenha", "canecas-e-bules", Mug, 4990, "Barro & Forno").grams(340).colours(&["Vermelho", "Azul-claro", "Cru"]).tags(&["caneca", "cerâmica"]).featured()
        .html("<p>Cerâmica queimada duas vezes, que guarda o calor até o fim da conversa. Cabe na mão e no lava-louças.</p>"),
    item("caneca-bolinhas-lanche", "Caneca Lanche da Tarde", "canecas-e-bules", Mug, 4590, "Barro & Forno").was(5490).grams(330).colours(&["Goiaba", "Turquesa"]).print(Dots).tags(&["caneca", "presente"])
        .html("<p>As bolinhas são pintadas uma a uma, com o dedo mesmo. Por isso nenhuma é perfeita. Vai ao micro-ondas.</p>"),
    item("caneca-xadrez-cafe-coado", "Caneca Café Coado", "canecas-e-bules", Mug, 5290, "Barro & Forno").grams(360).colours(&["Grafite", "Ferrugem"]).print(Plaid).tags(&["caneca", "café"])
        .html("<p>Grande, para quem não acredita em xícara pequena. A asa comporta quatro dedos.</p>"),
    item("caneca-folhas-cha-de-quintal", "Caneca Chá de Quintal", "canecas-e-bules", Mug, 4990, "Barro & Forno").grams(340).colours(&["Verde-água", "Lavanda"]).print(Leaves).tags(&["caneca", "chá"])
        .html("<p>Folhas de capim, hortelã e boldo impressas no barro ainda mole. Acompanha um pires que também serve de tampa.</p>"),
    item("bule-lua-cheia", "Bule Lua Cheia", "canecas-e-bules", Teapot, 15990, "Barro & Forno").grams(980).drawing(4).colours(&["Branco", "Azul-petróleo", "Sálvia"]).tags(&["bule", "chá"])
        .html("<p>Redondo como o nome diz. O bico não pinga: foram nove protótipos até acertar.</p><p>O coador interno é de aço e sai para lavar.</p>"),
    item("bule-vigilia", "Bule Vigília", "canecas-e-bules", Teapot, 13990, "Barro & Forno").was(16990).grams(900).colours(&["Mostarda", "Bordô"]).tags(&["bule", "café"])
        .html("<p>Esmalte brilhante por fora e barro cru na base. Mantém o café quente por quarenta minutos, sem requentar.</p>"),
    item("cacarola-ferro-fundido", "Caçarola de ferro Domingueira", "panelas", Casserole, 42900, "Fundição Sol").grams(4800).axis("Medida", &["20 cm", "24 cm", "28 cm"]).percent(&[100, 122, 148]).colours(&["Telha", "Azul-marinho", "Verde"]).tags(&["panela", "ferro"]).featured()
        .html("<p>Ferro fundido esmaltado, que vai do fogo ao forno e do forno à mesa. O feijão agradece.</p><p>A tampa devolve o vapor à panela por pequenas saliências.</p>"),
    item("cacarola-ceramica-caldo", "Caçarola de cerâmica Caldo", "panelas", Casserole, 28900, "Barro & Forno").was(33900).grams(2900).colours(&["Argila", "Cru"]).tags(&["panela", "cerâmica"])
        .html("<p>Para moquecas, ensopados e sopas demoradas. A cerâmica aquece devagar e continua borbulhando depois de desligada.</p>"),
    item("cacarola-inducao-ligeira", "Caçarola Ligeira", "panelas", Casserole, 23900, "Fundição Sol").grams(1700).colours(&["Prata", "Vermelho"]).tags(&["panela", "indução"])
        .html("<p>Fundo triplo, que serve em qualquer fogão, inclusive indução. Alças ocas, que não queimam a mão.</p>"),
    item("frigideira-de-ferro-chapa", "Frigideira de ferro Chapa Quente", "panelas", FryingPan, 18900, "Fundição Sol").grams(2300).axis("Medida", &["20 cm", "26 cm"]).percent(&[100, 130]).tones("Grafite", "Caramelo").tags(&["frigideira", "ferro"])
        .html("<p>Já vem curada com óleo de linhaça. Quanto mais usa, menos gruda.</p><p>Cabo de madeira removível, para ir ao forno.</p>"),
    item("frigideira-antiaderente-ovo", "Frigideira Ovo Perfeito", "panelas", FryingPan, 9990, "Fundição Sol").was(12990).grams(620).colours(&["Verde-água", "Coral", "Preto"]).tags(&["frigideira", "antiaderente"])
        .html("<p>Revestimento cerâmico, livre de PFOA. Pequena, leve e boa de virar omelete no ar, se você tiver coragem.</p>"),
    item("jogo-de-tigelas-pomar", "Jogo de tigelas Pomar", "loucas-e-copos", Bowls, 17990, "Barro & Forno").grams(1900).drawing(2).colours(&["Terracota", "Azul-claro", "Mostarda"]).tags(&["tigela", "cerâmica"]).featured()
        .html("<p>Uma dentro da outra, do açaí à salada. Esmalte sem chumbo, mergulhado à mão em cada peça.</p>"),
    item("tigelas-onda", "Tigelas Onda", "loucas-e-copos", Bowls, 14990, "Barro & Forno").was(17490).grams(1600).colours(&["Azul", "Verde"]).tags(&["tigela", "mesa"])
        .html("<p>Três tigelas fundas com ondas riscadas no barro úmido. Vão ao micro-ondas e à lava-louças sem perder a cor.</p>"),
    item("aparelho-de-jantar-folha", "Aparelho de jantar Folha", "loucas-e-copos", Plates, 45900, "Barro & Forno").grams(7200).axis("Peças", &["12 peças", "18 peças"]).percent(&[100, 140]).colours(&["Branco", "Sálvia"]).tags(&["prato", "jantar"])
        .html("<p>Pratos rasos, fundos e de sobremesa, com um ramo pintado no centro. Peças avulsas à venda para quando uma quebrar.</p>"),
    item("pratos-de-sobremesa-doceira", "Pratos de sobremesa Doceira", "loucas-e-copos", Plates, 16990, "Barro & Forno").grams(1700).colours(&["Rosa", "Turquesa"]).tags(&["prato", "sobremesa"])
        .html("<p>Quatro pratinhos com borda tracejada, do tamanho certo para um pedaço generoso de bolo. Podem ir ao micro-ondas.</p>"),
    item("tacas-vidro-colorido", "Taças Serenata", "loucas-e-copos", Glasses, 13990, "Vidraria Ipê").was(15990).grams(900).drawing(4).colours(&["Âmbar", "Verde", "Lilás"]).tags(&["taça", "vidro"])
        .html("<p>Vidro soprado e colorido na massa. Conjunto com quatro taças de boca fina, que deixa a bebida chegar primeiro.</p>"),
    item("copos-de-boteco", "Copos Saideira", "loucas-e-copos", Glasses, 7990, "Vidraria Ipê").grams(1200).colours(&["Azul-claro", "Cinza"]).tags(&["copo", "vidro"])
        .html("<p>Seis copos canelados de vidro grosso, quase indestrutíveis. Empilham e não grudam.</p>"),
    item("tabua-de-corte-pao-e-queijo", "Tábua de corte Pão e Queijo", "loucas-e-copos", Board, 11990, "Marcenaria Pau-Ferro").grams(1300).axis("Acabamento", &["Nogueira", "Carvalho"]).tags(&["tábua", "madeira"])
        .html("<p>Uma peça só de madeira, sem cola nem emenda. Corta, serve e depois fica pendurada como enfeite. Passe óleo mineral uma vez por mês.</p>"),
    item("almofada-losangos", "Almofada Losangos", "almofadas-e-mantas", Cushion, 8990, "Tear da Vila").grams(480).axis("Medida", &["45 × 45 cm", "60 × 60 cm"]).percent(&[100, 140]).colours(&["Terracota", "Índigo", "Cru"]).print(Geometric).tags(&["almofada", "tear"]).featured()
        .html("<p>Tecida em tear manual, com desenhos que a mestra tecelã guarda de cabeça. O enchimento vai junto.</p>"),
    item("almofada-listra-rede", "Almofada Rede", "almofadas-e-mantas", Cushion, 7490, "Tear da Vila").was(8990).grams(450).colours(&["Azul-claro", "Coral"]).print(Stripes).tags(&["almofada", "listras"])
        .html("<p>As mesmas listras das redes de varanda, em algodão grosso. Capa com zíper.</p>"),
    item("almofada-jardim-suspenso", "Almofada Jardim Suspenso", "almofadas-e-mantas", Cushion, 9490, "Tear da Vila").grams(460).drawing(5).colours(&["Verde-musgo", "Lavanda"]).print(Floral).tags(&["almofada", "floral"])
        .html("<p>Flores miúdas sobre linho misto, com vivo contrastante em toda a volta. Fica bem em par.</p>"),
    item("almofada-veludo-tarde", "Almofada de veludo Tarde", "almofadas-e-mantas", Cushion, 9990, "Tear da Vila").grams(520).drawing(7).colours(&["Mostarda", "Azul-petróleo", "Vinho"]).tags(&["almofada", "veludo"])
        .html("<p>Veludo cotelê de toque macio, com botão forrado no meio. Escurece e clareia conforme a luz.</p>"),
    item("manta-trico-sesta", "Manta de tricô Sesta", "almofadas-e-mantas", Throw, 21990, "Tear da Vila").was(25990).grams(1100).colours(&["Cru", "Cinza", "Terracota"]).print(Knit).tags(&["manta", "tricô"])
        .html("<p>Ponto largo e fio de algodão, para o cochilo depois do almoço. Mede 1,30 por 1,70 metro e vai à máquina no ciclo delicado.</p>"),
    item("manta-xadrez-fogueira", "Manta xadrez Fogueira", "almofadas-e-mantas", Throw, 24990, "Tear da Vila").grams(1250).colours(&["Vermelho", "Verde"]).print(Plaid).tags(&["manta", "lã"])
        .html("<p>Lã com franjas torcidas, para noites frias de verdade. Cabe duas pessoas, se elas se gostarem.</p>"),
    item("toalha-de-banho-maresia", "Toalha de banho Maresia", "almofadas-e-mantas", Throw, 8990, "Tear da Vila").grams(600).colours(&["Azul-claro", "Areia", "Salmão"]).print(Weave).tags(&["toalha", "banho"])
        .html("<p>Algodão de fibra longa, que absorve desde a primeira lavagem. Seca rápido e não solta fiapos.</p>"),
    item("tapete-trilha", "Tapete Trilha", "tapetes", Rug, 39900, "Tear da Vila").grams(5200).axis("Medida", &["1,00 × 1,50 m", "1,50 × 2,00 m", "2,00 × 2,50 m"]).percent(&[100, 190, 310]).colours(&["Natural", "Grafite"]).print(Weave).tags(&["tapete", "sisal"])
        .html("<p>Sisal e algodão em trama fechada. Resiste a sapatos, patas e carrinhos. A base não escorrega.</p>"),
    item("tapete-caatinga", "Tapete Caatinga", "tapetes", Rug, 54900, "Tear da Vila").was(64900).grams(6100).axis("Medida", &["1,00 × 1,50 m", "2,00 × 2,50 m"]).percent(&[100, 300]).colours(&["Ferrugem", "Índigo"]).tags(&["tapete", "tear"]).featured()
        .html("<p>As cores da terra seca depois da primeira chuva. Tingido com cascas e sementes. Cada tapete leva doze dias no tear.</p>"),
    item("tapete-redondo-ciranda", "Tapete Ciranda", "tapetes", Rug, 34900, "Tear da Vila").grams(3800).drawing(3).colours(&["Coral", "Azul-petróleo"]).tags(&["tapete", "infantil"])
        .html("<p>Macio para sentar no chão e brincar. Algodão reciclado, sem borracha, lavável em casa.</p>"),
    item("vaso-moringa", "Vaso Moringa", "vasos-e-plantas", Vase, 16990, "Barro & Forno").grams(1800).colours(&["Argila", "Branco", "Preto"]).tags(&["vaso", "cerâmica"]).featured()
        .html("<p>A silhueta vem das moringas que refrescavam a água antes das geladeiras. É impermeável por dentro e fosco por fora.</p>"),
    item("vaso-geometrico-solo", "Vaso Solo", "vasos-e-plantas", Vase, 13490, "Barro & Forno").was(15490).grams(1500).colours(&["Turquesa", "Mostarda"]).print(Geometric).tags(&["vaso", "pintado"])
        .html("<p>Grafismos riscados com espinho de laranjeira antes da queima. Bonito com flores e sem elas.</p>"),
    item("vaso-listrado-coreto", "Vaso Coreto", "vasos-e-plantas", Vase, 11990, "Barro & Forno").grams(1300).drawing(4).colours(&["Rosa", "Azul"]).print(Stripes).tags(&["vaso", "listras"]).sold_out()
        .html("<p>Listras largas e boca estreita, para um ramo só. Edição pequena, assinada na base.</p>"),
    item("cachepo-com-planta-sombra", "Cachepô Sombra Boa", "vasos-e-plantas", PottedPlant, 8990, "Barro & Forno").grams(1400).colours(&["Cru", "Verde-musgo", "Terracota"]).tags(&["cachepô", "plantas"])
        .html("<p>Cachepô de barro com prato embutido, que não mancha o móvel. A planta da foto é sugestão e não acompanha.</p>"),
    item("cachepo-pintado-viveiro", "Cachepô Viveiro", "vasos-e-plantas", PottedPlant, 9990, "Barro & Forno").grams(1450).colours(&["Lavanda", "Salmão"]).print(Dots).tags(&["cachepô", "pintado"])
        .html("<p>Pintado à mão, com furo e tampinha: drena quando precisa. Tamanho para samambaias e jiboias.</p>"),
    item("espelho-organico-poca", "Espelho Poça", "parede", Mirror, 38900, "Vidraria Ipê").was(44900).grams(5600).drawing(4).axis("Acabamento", &["Dourado", "Preto", "Cobre"]).tags(&["espelho"])
        .html("<p>Forma de poça depois da chuva. A moldura é fina e o vidro, livre de cobre, não mancha no banheiro.</p><p>Vem com o gabarito para furar a parede no lugar certo.</p>"),
    item("espelho-de-corpo-vestir", "Espelho Vestir", "parede", Mirror, 52900, "Vidraria Ipê").grams(9400).axis("Acabamento", &["Carvalho", "Nogueira"]).tags(&["espelho", "quarto"])
        .html("<p>De corpo inteiro, encostado ou pendurado. Moldura de madeira maciça e película de segurança atrás.</p>"),
    item("quadro-serra-ao-longe", "Quadro Serra ao Longe", "parede", FramedPrint, 17900, "Ateliê Papel-Pedra").grams(1500).axis("Medida", &["30 × 40 cm", "50 × 70 cm"]).percent(&[100, 170]).axis("Acabamento", &["Carvalho", "Preto", "Branco"]).tags(&["quadro", "gravura"])
        .html("<p>Impressão em papel de algodão, com tinta que dura um século. A moldura já vem com vidro e gancho.</p>"),
    item("quadro-botanica-de-bolso", "Quadro Botânica de Bolso", "parede", FramedPrint, 14900, "Ateliê Papel-Pedra").was(16900).grams(1200).drawing(8).axis("Acabamento", &["Nogueira", "Natural"]).tones("Nogueira", "Verde").tags(&["quadro", "botânica"])
        .html("<p>Uma folha colhida, desenhada e ampliada. Série de gravuras feita por uma ilustradora do interior.</p>"),
    item("relogio-de-parede-sem-pressa", "Relógio Sem Pressa", "parede", Clock, 15900, "Oficina Três Pregos").grams(900).colours(&["Mostarda", "Sálvia", "Preto"]).tags(&["relógio"])
        .html("<p>Ponteiros contínuos, que não fazem tique-taque. Uma pilha por ano. O resto é com você.</p>"),
    item("relogio-de-parede-cozinha", "Relógio Hora do Almoço", "parede", Clock, 12900, "Oficina Três Pregos").grams(850).colours(&["Vermelho", "Azul-claro"]).tags(&["relógio", "cozinha"])
        .html("<p>Grande e fácil de ler do outro lado da cozinha. Caixa de metal pintado e vidro de verdade.</p>"),
    item("vela-aromatica-chuva", "Vela aromática Depois da Chuva", "velas-e-cestos", Candles, 6990, "Luz de Fresta").grams(420).drawing(1).colours(&["Azul-petróleo", "Argila", "Lilás"]).tags(&["vela", "presente"]).featured()
        .html("<p>Cheiro de terra molhada e folha verde. Cera de coco e pavio de algodão, quarenta horas de queima. O copo depois vira copo.</p>"),
    item("trio-de-velas-vigilia", "Trio de velas Vigília", "velas-e-cestos", Candles, 5490, "Luz de Fresta").was(6490).grams(680).drawing(7).colours(&["Cru", "Coral"]).tags(&["vela"])
        .html("<p>Três alturas, para acender juntas. Não escorrem e quase não fazem fumaça.</p>"),
    item("cesto-palha-roupa", "Cesto de palha Guardado", "velas-e-cestos", Basket, 14990, "Mãos do Norte").grams(1300).axis("Medida", &["Médio", "Grande"]).percent(&[100, 140]).tones("Natural", "Terracota").tags(&["cesto", "palha"])
        .html("<p>Para mantas, brinquedos ou a roupa que ainda não dobrou. Palha de carnaúba colhida sem derrubar a palmeira.</p>"),
    item("cesto-colorido-mercado", "Cesto Mercado", "velas-e-cestos", Basket, 12490, "Mãos do Norte").grams(900).colours(&["Areia", "Mostarda"]).tags(&["cesto", "artesanal"])
        .html("<p>Trançado firme, com alças que aguentam peso. A faixa colorida muda de acordo com a safra de tintas.</p>"),
];
