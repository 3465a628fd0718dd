//! Ateliê Sabiá: clothes, shoes and accessories.

use super::{DemoCategory, DemoProduct, item, top, under};
use crate::images::{Pattern::*, Subject::*};

/// The categories, parents first.
#[rustfmt::skip]
pub const CATEGORIES: &[DemoCategory] = &[
    top("roupas", "Roupas"),
    under("roupas", "camisetas-e-regatas", "Camisetas e regatas"),
    under("roupas", "camisas", "Camisas"),
    under("roupas", "vestidos-e-macacoes", "Vestidos e macacões"),
    under("roupas", "tricos-e-moletons", "Tricôs e moletons"),
    under("roupas", "jaquetas-e-blazers", "Jaquetas e blazers"),
    top("partes-de-baixo", "Partes de baixo"),
    under("partes-de-baixo", "calcas", "Calças"),
    under("partes-de-baixo", "saias", "Saias"),
    under("partes-de-baixo", "shorts-e-bermudas", "Shorts e bermudas"),
    top("calcados", "Calçados"),
    under("calcados", "tenis", "Tênis"),
    under("calcados", "sandalias", "Sandálias"),
    under("calcados", "botas", "Botas"),
    top("acessorios", "Acessórios"),
    under("acessorios", "bolsas-e-mochilas", "Bolsas e mochilas"),
    under("acessorios", "chapeus-e-bones", "Chapéus e bonés"),
    under("acessorios", "detalhes", "Lenços, cintos e detalhes"),
];

const GRADE: &[&str] = &["PP", "P", "M", "G", "GG"];
const CURTA: &[&str] = &["P", "M", "G"];
const NUMEROS: &[&str] = &["36", "38", "40", "42", "44", "46"];
const PES: &[&str] = &["34", "35", "36", "37", "38", "39"];
const PES_TODOS: &[&str] = &["36", "37", "38", "39", "40", "41", "42", "43"];

/// The products. New ones go to the end: their order is the order in which the shop receives them.
#[rustfmt::skip]
pub const PRODUCTS: &[DemoProduct] = &[
    item("camiseta-essencial-de-algodao", "Camiseta essencial de algodão", "camisetas-e-regatas", Tee, 6990, "Fio Manso").grams(170).sizes(GRADE).colours(&["Branco", "Preto", "Terracota", "Sálvia"]).tags(&["algodão", "básico", "unissex"]).featured()
        .html("<p>A camiseta que a gente usa até gastar: malha penteada de algodão, gola que não cede e ombro com reforço.</p><p>O caimento é reto, nem justo nem largo. Encolhe no máximo 3% na primeira lavagem.</p>"),
    item("camiseta-sol-na-varanda", "Camiseta Sol na Varanda", "camisetas-e-regatas", Tee, 8490, "Fio Manso").was(9990).grams(175).sizes(GRADE).colours(&["Cru", "Azul-petróleo"]).tags(&["algodão", "estampada"])
        .html("<p>Estampa pintada à mão pela nossa equipe e passada para a malha em tinta à base de água. Fica macia ao toque, sem aquela placa dura no peito.</p>"),
    item("camiseta-listrada-marinheira", "Camiseta listrada Marinheira", "camisetas-e-regatas", Tee, 8990, "Maré Alta").grams(185).sizes(GRADE).colours(&["Branco", "Azul-marinho"]).print(Stripes).tags(&["algodão", "listras"])
        .html("<p>Listras tecidas no fio, que não desbotam com o tempo. <strong>Malha mais encorpada</strong>, boa para usar sozinha ou por baixo da jaqueta.</p>"),
    item("camiseta-boxy-bolinhas", "Camiseta boxy Bolinhas", "camisetas-e-regatas", Tee, 7990, "Fio Manso").grams(165).sizes(CURTA).colours(&["Goiaba", "Preto"]).print(Dots).tags(&["algodão", "poá", "cropped"])
        .html("<p>Modelagem quadradinha, um pouco mais curta na cintura. O poá é miúdo e alegre. Combina com cintura alta.</p>"),
    item("camiseta-infinita-pima", "Camiseta Infinita algodão pima", "camisetas-e-regatas", Tee, 12990, "Casa do Fio").grams(160).sizes(GRADE).colours(&["Cinza", "Verde-musgo", "Vinho"]).tags(&["pima", "premium"])
        .html("<p>Fibra longa de algodão pima, de brilho discreto e toque frio. Depois de trinta lavagens de teste, a cor seguiu a mesma. Uma peça para muitos anos.</p>"),
    item("regata-canelada-brisa", "Regata canelada Brisa", "camisetas-e-regatas", Tank, 5990, "Fio Manso").grams(120).sizes(CURTA).colours(&["Preto", "Salmão", "Verde-água"]).print(Ribs).tags(&["canelada", "verão"])
        .html("<p>Canelado macio que acompanha o corpo sem apertar. As cavas são forradas com o próprio tecido e não enrolam.</p>"),
    item("regata-linho-quintal", "Regata de linho Quintal", "camisetas-e-regatas", Tank, 10990, "Trama Mansa").was(13990).grams(130).sizes(CURTA).colours(&["Areia", "Oliva"]).print(Weave).tags(&["linho", "verão"])
        .html("<p>Linho lavado, que já chega amassadinho e confortável. Alças largas, boas para qualquer sutiã. Lave à mão e seque à sombra.</p>"),
    item("regata-folhagem", "Regata Folhagem", "camisetas-e-regatas", Tank, 7490, "Maré Alta").grams(125).sizes(CURTA).colours(&["Verde", "Azul-claro"]).print(Leaves).tags(&["viscose", "estampada"])
        .html("<p>Viscose fresca com folhas soltas, desenhadas a nanquim. O decote redondo veste bem todo dia.</p><p>Seca em poucas horas no varal.</p>"),
    item("camisa-linho-domingo", "Camisa de linho Domingo", "camisas", Shirt, 21990, "Trama Mansa").grams(240).sizes(GRADE).colours(&["Branco", "Azul-claro", "Areia"]).print(Weave).tags(&["linho", "unissex"]).featured()
        .html("<p>Linho puro com botões de coco. Feita para o almoço comprido de domingo, mas serve para a segunda-feira.</p><p>A barra é arredondada e pode ficar para fora da calça.</p>"),
    item("camisa-xadrez-serra", "Camisa xadrez Serra", "camisas", Shirt, 17990, "Maré Alta").was(21990).grams(290).sizes(GRADE).colours(&["Vermelho", "Verde-musgo"]).print(Plaid).tags(&["flanela", "xadrez", "inverno"])
        .html("<p>Flanela escovada dos dois lados, quente sem pesar. O xadrez casa nas costuras, como deve ser.</p>"),
    item("camisa-risca-de-giz", "Camisa Risca de Giz", "camisas", Shirt, 16990, "Casa do Fio").grams(210).sizes(GRADE).colours(&["Azul", "Rosa"]).print(Pinstripes).tags(&["tricoline", "trabalho"])
        .html("<p>Tricoline de algodão com riscas finas. Colarinho firme, que fica em pé sem gravata. Passa fácil: dez minutos e está pronta.</p>"),
    item("camisa-floral-mangueira", "Camisa floral Mangueira", "camisas", Shirt, 18490, "Trama Mansa").grams(190).sizes(CURTA).colours(&["Lilás", "Azul-marinho"]).print(Floral).tags(&["viscose", "floral"])
        .html("<p>Flores inspiradas nos muros de bairro em dia de calor. Viscose leve, com caimento solto e punho de dois botões.</p>"),
    item("camisa-chambray-oficina", "Camisa chambray Oficina", "camisas", Shirt, 19990, "Casa do Fio").grams(260).sizes(GRADE).colours(&["Jeans claro", "Jeans escuro"]).print(Weave).tags(&["chambray", "jeans"])
        .html("<p>O meio do caminho entre a camisa e o jeans. Costura dupla nos ombros e bolso com divisão para caneta. Fica melhor a cada lavagem.</p>"),
    item("camisa-geometrica-ladrilho", "Camisa Ladrilho", "camisas", Shirt, 17490, "Maré Alta").grams(200).sizes(CURTA).colours(&["Mostarda", "Turquesa"]).print(Geometric).tags(&["estampada", "verão"]).sold_out()
        .html("<p>Estampa corrida que lembra os ladrilhos hidráulicos das casas antigas. Tecido fresco, de toque seco. Uma edição pequena, numerada na etiqueta.</p>"),
    item("vestido-midi-jardim", "Vestido midi Jardim", "vestidos-e-macacoes", LongDress, 25990, "Trama Mansa").was(31990).grams(380).drawing(7).sizes(GRADE).colours(&["Rosa-queimado", "Azul-marinho", "Cru"]).print(Floral).tags(&["viscose", "floral", "midi"]).featured()
        .html("<p>O vestido mais pedido do ateliê, agora em três fundos. A saia gira de verdade e o corpo tem forro de algodão.</p><p>Tem bolsos nas laterais, fundos o bastante para o celular.</p>"),
    item("vestido-curto-vichy", "Vestido curto Vichy", "vestidos-e-macacoes", ShortDress, 18990, "Maré Alta").grams(270).sizes(CURTA).colours(&["Vermelho", "Azul-claro"]).print(Gingham).tags(&["algodão", "vichy"])
        .html("<p>Vichy de algodão com cintura marcada e saia rodada. Abre com zíper invisível nas costas. Alegre sem esforço.</p>"),
    item("vestido-longo-mare-cheia", "Vestido longo Maré Cheia", "vestidos-e-macacoes", LongDress, 28990, "Maré Alta").grams(410).sizes(GRADE).colours(&["Azul-petróleo", "Coral"]).tags(&["longo", "festa"])
        .html("<p>Longo, fluido e de uma cor só. O decote pode ir para a frente ou para as costas.</p><p>Barra sem costura aparente, pronta para ajustar no comprimento.</p>"),
    item("vestido-camiseta-sesta", "Vestido camiseta Sesta", "vestidos-e-macacoes", ShortDress, 13990, "Fio Manso").was(15990).grams(260).sizes(GRADE).colours(&["Cinza", "Preto", "Lavanda"]).tags(&["algodão", "casual"])
        .html("<p>Uma camiseta que cresceu. Malha de algodão encorpada, que não marca nem transparece. Perfeito com tênis.</p>"),
    item("vestido-poa-matine", "Vestido poá Matinê", "vestidos-e-macacoes", ShortDress, 22990, "Trama Mansa").grams(320).sizes(CURTA).colours(&["Preto", "Vinho"]).print(Dots).tags(&["poá", "festa"])
        .html("<p>Crepe com bolinhas e laço na cintura. Tem cara de sessão da tarde e fôlego para a noite inteira.</p>"),
    item("vestido-linho-alpendre", "Vestido de linho Alpendre", "vestidos-e-macacoes", LongDress, 32990, "Trama Mansa").grams(430).sizes(CURTA).colours(&["Areia", "Telha"]).print(Weave).tags(&["linho", "midi"])
        .html("<p>Linho pesado, de caimento firme, com babado na altura do joelho. Tingido em pequenos lotes. A cor pode variar um pouco de uma peça à outra, e isso faz parte.</p>"),
    item("macacao-pantalona-oasis", "Macacão pantalona Oásis", "vestidos-e-macacoes", Jumpsuit, 27990, "Maré Alta").was(33990).grams(450).sizes(GRADE).colours(&["Verde-musgo", "Preto"]).tags(&["macacão", "festa"])
        .html("<p>Decote em V e perna ampla: você se arruma em um minuto. A faixa solta marca a cintura onde você quiser.</p>"),
    item("macacao-tropical", "Macacão Tropical", "vestidos-e-macacoes", Jumpsuit, 25990, "Maré Alta").grams(420).sizes(CURTA).colours(&["Turquesa", "Goiaba"]).print(Leaves).tags(&["macacão", "estampado"])
        .html("<p>Folhas grandes em tecido leve, para dias quentes de verdade. Alças reguláveis e bolso faca. Não precisa passar.</p>"),
    item("trico-ponto-arroz", "Tricô Ponto Arroz", "tricos-e-moletons", Jumper, 19990, "Casa do Fio").grams(420).sizes(GRADE).colours(&["Cru", "Mostarda", "Bordô"]).tags(&["tricô", "inverno"]).featured()
        .html("<p>Tricô de fio grosso, tecido em máquinas antigas que ainda trabalham bem. Não pinica: leva algodão e um pouco de lã.</p><p>Guarde dobrado, nunca no cabide.</p>"),
    item("trico-listras-de-inverno", "Tricô Listras de Inverno", "tricos-e-moletons", Jumper, 21990, "Casa do Fio").was(26990).grams(440).sizes(CURTA).colours(&["Azul-marinho", "Ferrugem"]).print(Stripes).tags(&["tricô", "listras"])
        .html("<p>Listras largas e gola redonda. O punho comprido pode dobrar duas vezes.</p>"),
    item("trico-jacquard-araucaria", "Tricô jacquard Araucária", "tricos-e-moletons", Jumper, 24990, "Casa do Fio").grams(480).sizes(CURTA).colours(&["Verde", "Grafite"]).print(Geometric).tags(&["tricô", "jacquard"])
        .html("<p>Desenhos tecidos em duas cores, sem fio solto no avesso. Feito no frio do sul para o frio do sul. Esquenta bem sozinho.</p>"),
    item("moletom-capuz-neblina", "Moletom com capuz Neblina", "tricos-e-moletons", Hoodie, 17990, "Fio Manso").grams(560).sizes(GRADE).colours(&["Cinza", "Preto", "Verde-água"]).tags(&["moletom", "unissex"])
        .html("<p>Moletom felpado por dentro, com capuz forrado e cordão trançado. O bolso canguru tem um fecho escondido para as chaves.</p>"),
    item("moletom-recreio", "Moletom Recreio", "tricos-e-moletons", Hoodie, 16490, "Fio Manso").was(18990).grams(540).sizes(GRADE).colours(&["Goiaba", "Azul"]).tags(&["moletom"])
        .html("<p>Cores de giz de cera para tardes frias. Tecido com fio reciclado de garrafas. Ribana firme no punho e na barra.</p>"),
    item("jaqueta-jeans-estrada", "Jaqueta jeans Estrada", "jaquetas-e-blazers", Jacket, 29990, "Ofício Azul").grams(780).sizes(GRADE).colours(&["Jeans claro", "Jeans escuro", "Preto"]).print(Weave).tags(&["jeans", "unissex"]).featured()
        .html("<p>Denim de 12 onças sem elastano, como os de antigamente. Começa dura e vai ficando sua.</p><p>Dois bolsos por fora, dois por dentro.</p>"),
    item("jaqueta-acolchoada-garoa", "Jaqueta Garoa", "jaquetas-e-blazers", Jacket, 34990, "Maré Alta").was(42990).grams(620).sizes(GRADE).colours(&["Oliva", "Azul-petróleo"]).tags(&["impermeável", "inverno"])
        .html("<p>Segura a garoa e corta o vento. O forro de malha respira. Cabe dobrada dentro do próprio bolso.</p>"),
    item("jaqueta-camurca-cerrado", "Jaqueta de suede Cerrado", "jaquetas-e-blazers", Jacket, 38990, "Ofício Azul").grams(840).sizes(CURTA).colours(&["Caramelo", "Ferrugem"]).tags(&["suede", "vegano"])
        .html("<p>Suede sintético de toque aveludado, com zíper de metal escovado. Fica entre a jaqueta e a camisa, e resolve a meia-estação.</p>"),
    item("jaqueta-patio-colorida", "Jaqueta Pátio", "jaquetas-e-blazers", Jacket, 31990, "Ofício Azul").grams(700).sizes(CURTA).colours(&["Rosa-queimado", "Lavanda"]).tags(&["sarja", "colorida"])
        .html("<p>Sarja tingida depois de pronta, o que dá relevo às costuras. Corte curto e ombro caído. Lave do avesso.</p>"),
    item("blazer-alfaiataria-leve", "Blazer Alfaiataria Leve", "jaquetas-e-blazers", Blazer, 42990, "Casa do Fio").grams(640).sizes(GRADE).colours(&["Preto", "Areia", "Azul-marinho"]).tags(&["alfaiataria", "trabalho"])
        .html("<p>Um blazer sem ombreira e sem rigidez, forrado só pela metade. Entra na mala e sai sem marcas.</p><p>Os botões são de tagua, a semente que imita marfim.</p>"),
    item("blazer-xadrez-biblioteca", "Blazer xadrez Biblioteca", "jaquetas-e-blazers", Blazer, 46990, "Casa do Fio").was(55990).grams(720).sizes(CURTA).colours(&["Cinza", "Caramelo"]).print(Plaid).tags(&["alfaiataria", "xadrez"])
        .html("<p>Xadrez discreto em mescla de lã. Lapela larga e um bolso interno do tamanho de um livro. É claro.</p>"),
    item("calca-jeans-reta", "Calça jeans reta", "calcas", SlimTrousers, 21990, "Ofício Azul").grams(640).sizes(NUMEROS).colours(&["Jeans escuro", "Jeans claro", "Preto"]).print(Weave).tags(&["jeans", "básico"]).featured()
        .html("<p>Cintura no lugar, perna reta e cinco bolsos. Denim com 1% de elastano: cede o necessário e volta.</p>"),
    item("calca-pantalona-vento", "Calça pantalona Vento", "calcas", WideTrousers, 18990, "Trama Mansa").was(22990).grams(360).sizes(NUMEROS).colours(&["Preto", "Terracota", "Cru"]).tags(&["pantalona", "viscose"])
        .html("<p>Perna ampla que mexe com o vento e com o passo. Cós alto na frente e elástico só atrás. Veste do trabalho à festa.</p>"),
    item("calca-linho-rede", "Calça de linho Rede", "calcas", WideTrousers, 23990, "Trama Mansa").grams(340).sizes(NUMEROS).colours(&["Areia", "Sálvia"]).print(Weave).tags(&["linho", "verão"])
        .html("<p>Tão leve que parece rede na sombra. Tem cordão na cintura e barra que aceita dobra.</p>"),
    item("calca-chino-escritorio", "Calça chino Escritório", "calcas", SlimTrousers, 19490, "Casa do Fio").grams(460).sizes(NUMEROS).colours(&["Caramelo", "Azul-marinho", "Oliva"]).tags(&["sarja", "trabalho"])
        .html("<p>Sarja escovada que não amarrota na cadeira. O bolso traseiro fecha com botão.</p><p>Barra feita sem custo: diga a altura no pedido.</p>"),
    item("calca-risca-maestro", "Calça Risca Maestro", "calcas", WideTrousers, 24990, "Casa do Fio").grams(410).sizes(NUMEROS).colours(&["Grafite", "Azul-marinho"]).print(Pinstripes).tags(&["alfaiataria"])
        .html("<p>Riscas finas em alfaiataria de caimento pesado. Com camiseta branca já é um conjunto. Com o blazer, vira traje.</p>"),
    item("calca-jogger-passeio", "Calça jogger Passeio", "calcas", SlimTrousers, 15990, "Fio Manso").was(18490).grams(430).sizes(GRADE).colours(&["Cinza", "Preto"]).tags(&["moletom", "casual"])
        .html("<p>Moletinho firme, punho no tornozelo e três bolsos. Boa de avião, de parque e de sofá.</p>"),
    item("calca-xadrez-preguica", "Calça xadrez Preguiça", "calcas", WideTrousers, 13990, "Maré Alta").grams(320).sizes(GRADE).colours(&["Vermelho", "Azul"]).print(Plaid).tags(&["flanela", "pijama"])
        .html("<p>Nasceu pijama e hoje vai à padaria. Flanela macia, elástico largo na cintura. Ninguém vai reparar.</p>"),
    item("saia-midi-plissada", "Saia midi plissada", "saias", LongSkirt, 17990, "Trama Mansa").grams(300).drawing(5).sizes(CURTA).colours(&["Verde-musgo", "Dourado", "Preto"]).tags(&["midi", "plissada"])
        .html("<p>Pregas permanentes que sobrevivem à máquina de lavar. O cós de elástico é forrado e não enrola.</p>"),
    item("saia-longa-quermesse", "Saia longa Quermesse", "saias", LongSkirt, 19990, "Maré Alta").was(24990).grams(380).drawing(5).sizes(CURTA).colours(&["Índigo", "Coral"]).print(Floral).tags(&["longa", "floral"])
        .html("<p>Três babados, cada um mais largo que o outro. Feita com algodão fino, arejada e boa de dançar.</p>"),
    item("saia-jeans-botoes", "Saia jeans de botões", "saias", ShortSkirt, 14990, "Ofício Azul").grams(390).drawing(3).sizes(NUMEROS).colours(&["Jeans claro", "Jeans escuro"]).print(Weave).tags(&["jeans"])
        .html("<p>Botões de cobre da cintura à barra. Denim sem elastano, com lavagem à pedra. Bolsos de verdade.</p>"),
    item("saia-curta-xadrez-colegio", "Saia xadrez Colégio", "saias", ShortSkirt, 12990, "Maré Alta").grams(260).sizes(CURTA).colours(&["Vinho", "Cinza"]).print(Plaid).tags(&["xadrez", "curta"])
        .html("<p>Pregas firmes e short embutido por baixo. Vai bem com tricô e com bota.</p>"),
    item("short-linho-praia", "Short de linho Praia", "shorts-e-bermudas", Shorts, 11990, "Trama Mansa").grams(180).sizes(CURTA).colours(&["Cru", "Azul-claro", "Salmão"]).print(Weave).tags(&["linho", "verão"])
        .html("<p>Da areia para o almoço sem trocar de roupa. Cordão de algodão na cintura e dois bolsos. Seca rápido.</p>"),
    item("bermuda-sarja-quitanda", "Bermuda de sarja Quitanda", "shorts-e-bermudas", Shorts, 12990, "Casa do Fio").was(14990).grams(310).sizes(NUMEROS).colours(&["Areia", "Verde-musgo", "Azul-marinho"]).tags(&["sarja"])
        .html("<p>Sarja resistente com comprimento logo acima do joelho. Aguenta bolso cheio.</p>"),
    item("short-tropical-mergulho", "Short Mergulho", "shorts-e-bermudas", Shorts, 9990, "Maré Alta").grams(160).sizes(GRADE).colours(&["Turquesa", "Goiaba"]).print(Leaves).tags(&["praia", "estampado"])
        .html("<p>Tecido que seca ao sol em meia hora, com forro de tela macia. Bolso traseiro com ilhós para escoar a água.</p>"),
    item("tenis-rua-de-baixo", "Tênis Rua de Baixo", "tenis", Sneakers, 27990, "Pé de Vento").grams(720).sizes(PES_TODOS).colours(&["Branco", "Preto", "Verde"]).tags(&["couro", "unissex"]).featured()
        .html("<p>Couro macio, sola de borracha costurada e palmilha que sai para lavar. Simples como os tênis de antes.</p><p>Se estiver entre dois números, escolha o menor.</p>"),
    item("tenis-lona-patio", "Tênis de lona Pátio", "tenis", Sneakers, 16990, "Pé de Vento").was(19990).grams(560).drawing(4).sizes(PES_TODOS).colours(&["Mostarda", "Azul-marinho", "Cru"]).print(Weave).tags(&["lona", "casual"])
        .html("<p>Lona de algodão grossa e biqueira emborrachada. Vai à máquina num saquinho, sem drama.</p>"),
    item("tenis-corrida-faisca", "Tênis de corrida Faísca", "tenis", Sneakers, 34990, "Pé de Vento").grams(540).sizes(PES_TODOS).colours(&["Coral", "Turquesa"]).tags(&["corrida", "leve"])
        .html("<p>Leve, com resposta firme no asfalto. O cabedal de malha tem zonas mais abertas onde o pé esquenta. Indicado até meia maratona.</p>"),
    item("sandalia-tiras-areal", "Sandália de tiras Areal", "sandalias", Sandals, 15990, "Pé de Vento").grams(420).sizes(PES).colours(&["Caramelo", "Preto"]).tags(&["couro", "verão"])
        .html("<p>Tiras de couro que se cruzam e não apertam. Palmilha anatômica de cortiça, que pega a forma do pé.</p>"),
    item("sandalia-plataforma-corda", "Sandália plataforma Corda", "sandalias", Sandals, 18990, "Pé de Vento").was(22990).grams(560).sizes(PES).colours(&["Terracota", "Azul"]).print(Stripes).tags(&["plataforma"])
        .html("<p>Plataforma revestida de corda, alta e estável. A fivela é de latão. Dá para passar o dia.</p>"),
    item("bota-cano-curto-estacao", "Bota de cano curto Estação", "botas", Boots, 38990, "Pé de Vento").grams(980).drawing(6).sizes(PES).colours(&["Preto", "Ferrugem", "Verde-musgo"]).tags(&["couro", "inverno"])
        .html("<p>Couro encerado e elástico nas laterais. O solado tem ranhura para chuva e pode ser trocado no sapateiro.</p><p>Um pouco de cera no inverno e ela dura uma década.</p>"),
    item("bota-de-trilha-altitude", "Bota de trilha Altitude", "botas", Boots, 45990, "Pé de Vento").grams(1150).drawing(7).sizes(PES_TODOS).colours(&["Caramelo", "Grafite"]).tags(&["trilha", "impermeável"]).sold_out()
        .html("<p>Para subir morro com barro e pedra solta. Membrana impermeável e tornozelo acolchoado. Amacie em casa antes da primeira trilha.</p>"),
    item("bolsa-tote-feira", "Bolsa tote Feira", "bolsas-e-mochilas", Tote, 8990, "Ofício Azul").grams(380).colours(&["Cru", "Preto", "Mostarda"]).tags(&["lona", "sacola"]).featured()
        .html("<p>Lona crua de 16 onças, que fica em pé sozinha. Aguenta quinze quilos de feira, com melancia e tudo. Tem bolso interno para a carteira.</p>"),
    item("bolsa-tote-canteiro", "Bolsa tote Canteiro", "bolsas-e-mochilas", Tote, 10990, "Ofício Azul").grams(360).colours(&["Sálvia", "Rosa"]).print(Floral).tags(&["lona", "floral"])
        .html("<p>Um canteiro inteiro no ombro. Estampada em quadro, com três cores, e forrada por dentro.</p>"),
    item("bolsa-tiracolo-broto", "Bolsa tiracolo Broto", "bolsas-e-mochilas", Handbag, 28990, "Curtume Novo").was(34990).grams(620).colours(&["Vinho", "Caramelo", "Verde"]).tags(&["couro", "tiracolo"])
        .html("<p>Couro de curtimento vegetal, sem cromo. Cabe o essencial e ainda um livro fino. O fecho é de latão maciço.</p>"),
    item("bolsa-de-mao-matriz", "Bolsa de mão Matriz", "bolsas-e-mochilas", Handbag, 33990, "Curtume Novo").grams(700).colours(&["Preto", "Goiaba"]).tags(&["couro", "festa"])
        .html("<p>Estruturada, com pés de metal na base. A alça curta vai na mão e a longa, guardada dentro, vai no ombro.</p>"),
    item("mochila-expediente", "Mochila Expediente", "bolsas-e-mochilas", Backpack, 24990, "Ofício Azul").grams(890).colours(&["Azul-petróleo", "Grafite", "Ferrugem"]).tags(&["notebook", "lona"])
        .html("<p>Lona encerada que rejeita a chuva, com divisória para computador de até 15 polegadas. As costas são acolchoadas.</p><p>O bolso da frente guarda o que some no fundo das outras.</p>"),
    item("chapeu-palha-ribeirinho", "Chapéu de palha Ribeirinho", "chapeus-e-bones", StrawHat, 11990, "Mãos do Norte").grams(140).sizes(&["M", "G"]).colours(&["Preto", "Azul-marinho", "Coral"]).tags(&["palha", "artesanal"])
        .html("<p>Palha trançada à mão por uma cooperativa de artesãs. A fita sai e pode ser trocada. Proteção alta contra o sol.</p>"),
    item("bone-pescaria", "Boné Pescaria", "chapeus-e-bones", Cap, 7990, "Maré Alta").was(9490).grams(90).colours(&["Verde-musgo", "Azul-marinho", "Mostarda"]).tags(&["boné", "sarja"])
        .html("<p>Sarja lavada e aba curva. O ajuste atrás é de fivela, não de plástico.</p>"),
    item("lenco-azulejo", "Lenço Azulejo", "detalhes", Scarf, 9990, "Trama Mansa").grams(60).colours(&["Azul", "Terracota"]).print(Geometric).tags(&["lenço", "presente"])
        .html("<p>No pescoço, no cabelo ou na alça da bolsa. Barra enrolada à mão. Vem numa caixa de papel semente.</p>"),
    item("cachecol-xadrez-serrano", "Cachecol xadrez Serrano", "detalhes", Scarf, 11990, "Casa do Fio").was(14990).grams(210).colours(&["Bordô", "Cinza", "Verde"]).print(Plaid).tags(&["lã", "inverno"])
        .html("<p>Mescla de lã macia, comprida o bastante para duas voltas. As franjas são torcidas uma a uma.</p>"),
    item("cinto-de-couro-fivela", "Cinto de couro Compasso", "detalhes", Belt, 12990, "Curtume Novo").grams(190).sizes(&["85 cm", "95 cm", "105 cm"]).colours(&["Caramelo", "Preto"]).tags(&["couro"])
        .html("<p>Couro inteiriço de quatro milímetros, cortado de uma tira só. A fivela é lisa. Escurece e fica mais bonito com o uso.</p>"),
    item("oculos-de-sol-tarde", "Óculos de sol Tarde", "detalhes", Sunglasses, 19990, "Maré Alta").grams(30).colours(&["Preto", "Caramelo", "Goiaba"]).tags(&["óculos", "uv400"])
        .html("<p>Armação de acetato e lentes com proteção UV400. Leve no nariz e firme na orelha. Acompanha estojo rígido e flanela.</p>"),
    item("brincos-sementes", "Brincos Sementes", "detalhes", Earrings, 6490, "Mãos do Norte").grams(12).colours(&["Dourado", "Vermelho", "Verde"]).tags(&["brinco", "artesanal", "presente"])
        .html("<p>Pino sem níquel, para orelhas sensíveis. Cada par é montado à mão e sai um pouquinho diferente do outro.</p>"),
    item("kit-meias-fruteira", "Kit de meias Fruteira", "detalhes", Socks, 4990, "Fio Manso").was(5990).grams(130).sizes(&["34 a 38", "39 a 43"]).colours(&["Mostarda", "Azul-petróleo"]).print(Dots).tags(&["meias", "presente"])
        .html("<p>Três pares coloridos, de cano médio. Calcanhar reforçado e elástico que não deixa marca. Algodão com um toque de poliamida, para não alargar.</p>"),
];
