//! Livraria Maritaca: books. All titles, authors and publishers are invented.

use super::{DemoCategory, DemoProduct, book, top, under};

/// The categories, parents first.
#[rustfmt::skip]
pub const CATEGORIES: &[DemoCategory] = &[
    top("ficcao", "Ficção"),
    under("ficcao", "romances", "Romances"),
    under("ficcao", "contos-e-cronicas", "Contos e crônicas"),
    under("ficcao", "misterio", "Mistério"),
    under("ficcao", "fantasia-e-futuro", "Fantasia e futuro"),
    top("poesia-e-teatro", "Poesia e teatro"),
    under("poesia-e-teatro", "poesia", "Poesia"),
    under("poesia-e-teatro", "teatro", "Teatro"),
    top("infantil-e-juvenil", "Infantil e juvenil"),
    under("infantil-e-juvenil", "ilustrados", "Livros ilustrados"),
    under("infantil-e-juvenil", "juvenis", "Juvenis"),
    top("nao-ficcao", "Não ficção"),
    under("nao-ficcao", "ensaios", "Ensaios"),
    under("nao-ficcao", "historia-e-viagem", "História e viagem"),
    under("nao-ficcao", "ciencia", "Ciência"),
    under("nao-ficcao", "cozinha-e-jardim", "Cozinha e jardim"),
];

const TODOS: &[&str] = &["Brochura", "Capa dura", "E-book"];
const LEVES: &[&str] = &["Brochura", "E-book"];
const FIRMES: &[&str] = &["Capa dura", "E-book"];
const TODOS_PRECO: &[u32] = &[100, 145, 58];
const LEVES_PRECO: &[u32] = &[100, 58];

/// The products. New ones go to the end: their order is the order in which the shop receives them.
#[rustfmt::skip]
pub const PRODUCTS: &[DemoProduct] = &[
    book("o-mar-que-a-gente-inventa", "O mar que a gente inventa", "romances", "Lívia Arantes do Vale", 6490, "Editora Canoa").grams(380).bindings(TODOS, TODOS_PRECO).tags(&["romance", "família"]).featured()
        .html("<p>Numa cidade a mil quilômetros da praia, três irmãs herdam um barco. Ninguém sabe como ele chegou ali, e cada uma tem um plano diferente para fazê-lo partir.</p><p>Romance de estreia, 272 páginas.</p>"),
    book("quintal-dos-ausentes", "Quintal dos ausentes", "romances", "Osvaldo Pitanga", 5990, "Editora Canoa").was(6990).grams(340).bindings(LEVES, LEVES_PRECO).tags(&["romance"])
        .html("<p>Um homem volta à casa da infância para vendê-la e descobre que as árvores do quintal foram plantadas para cada pessoa que foi embora. Falta plantar a dele.</p>"),
    book("a-casa-das-janelas-tortas", "A casa das janelas tortas", "romances", "Helena Quirino", 7490, "Travessa do Sol").grams(460).bindings(TODOS, TODOS_PRECO).tags(&["romance", "casa"])
        .html("<p>Quatro gerações sob o mesmo teto, que o arquiteto desenhou depois de perder os óculos. Uma história de amor, reforma e teimosia.</p>"),
    book("sete-domingos-de-chuva", "Sete domingos de chuva", "romances", "Caetana Bulhões", 5490, "Editora Canoa").grams(300).bindings(LEVES, LEVES_PRECO).tags(&["romance", "amor"])
        .html("<p>Eles só se encontram quando chove, e sempre no mesmo ponto de ônibus. O verão ameaça chegar. Um romance breve e luminoso.</p>"),
    book("o-afinador-de-sinos", "O afinador de sinos", "romances", "Bento Saramandaia", 6990, "Pedra Lascada").was(7990).grams(410).drawing(8).bindings(TODOS, TODOS_PRECO).tags(&["romance", "música"]).featured()
        .html("<p>De vila em vila, um homem corrige o som dos sinos e ouve os segredos de quem os toca. Até que uma cidade lhe pede um silêncio.</p><p>Finalista do prêmio Jacarandá de romance.</p>"),
    book("memorias-de-uma-balconista", "Memórias de uma balconista", "romances", "Dalva Moscoso", 5790, "Travessa do Sol").grams(330).bindings(LEVES, LEVES_PRECO).tags(&["romance", "humor"])
        .html("<p>Trinta anos atrás do mesmo balcão ensinam mais que a universidade. Dalva anotou tudo em papel de pão. O resultado é engraçado e comovente.</p>"),
    book("o-inverno-do-seu-amancio", "O inverno do seu Amâncio", "romances", "Ruy Catarina", 6290, "Pedra Lascada").grams(360).bindings(TODOS, TODOS_PRECO).tags(&["romance", "velhice"])
        .html("<p>Aos oitenta e um anos, seu Amâncio decide aprender a nadar. A vizinhança faz apostas. Ele faz amigos.</p>"),
    book("cartas-para-nenhum-endereco", "Cartas para nenhum endereço", "romances", "Ísis Vilanova", 6790, "Editora Canoa").grams(390).bindings(TODOS, TODOS_PRECO).tags(&["romance", "epistolar"])
        .html("<p>Uma carteira guarda por vinte anos as cartas que não pôde entregar. Ao se aposentar, resolve responder a todas.</p>"),
    book("a-lavadeira-e-o-astronomo", "A lavadeira e o astrônomo", "romances", "Teodoro Melgaço", 7190, "Travessa do Sol").grams(430).bindings(TODOS, TODOS_PRECO).tags(&["romance", "histórico"])
        .html("<p>Em 1882, um astrônomo estrangeiro aluga um quarto com vista para o céu. Quem lhe ensina a ler as nuvens é a mulher que lava suas camisas. Romance histórico de rara delicadeza.</p>"),
    book("o-ultimo-trem-de-pitombeira", "O último trem de Pitombeira", "romances", "Jandira Falcão", 5990, "Editora Canoa").was(6690).grams(350).bindings(LEVES, LEVES_PRECO).tags(&["romance"])
        .html("<p>O trem vai parar de passar, e uma cidade inteira precisa decidir se embarca. Narrado pelo relógio da estação.</p>"),
    book("nada-disso-e-sobre-passaros", "Nada disso é sobre pássaros", "romances", "Noel Abrantes", 6490, "Pedra Lascada").grams(370).bindings(LEVES, LEVES_PRECO).tags(&["romance", "contemporâneo"])
        .html("<p>Uma ornitóloga some no meio da pesquisa e deixa onze cadernos. O irmão, que detesta pássaros, terá de lê-los um por um.</p>"),
    book("as-noivas-do-farol", "As noivas do farol", "romances", "Marialva Tinoco", 6890, "Travessa do Sol").grams(400).drawing(5).bindings(TODOS, TODOS_PRECO).tags(&["romance", "mar"])
        .html("<p>Toda quinta-feira uma mulher diferente sobe os duzentos degraus do farol. O faroleiro jura que não chamou nenhuma.</p>"),
    book("feira-de-miudezas", "Feira de miudezas", "contos-e-cronicas", "Alceu Bemvindo", 4990, "Editora Canoa").grams(260).drawing(8).bindings(LEVES, LEVES_PRECO).tags(&["crônicas", "cotidiano"]).featured()
        .html("<p>Cinquenta crônicas sobre o que cabe numa sacola: um abacate, uma fofoca, um guarda-chuva sem dono. Para ler em pé, na fila.</p>"),
    book("contos-para-ler-no-onibus", "Contos para ler no ônibus", "contos-e-cronicas", "Zuleica Prado", 4490, "Travessa do Sol").was(5290).grams(240).bindings(LEVES, LEVES_PRECO).tags(&["contos"])
        .html("<p>Cada conto tem a duração exata de um trajeto, do centro ao ponto final. O mais longo é para dias de engarrafamento.</p>"),
    book("o-homem-que-devolvia-guarda-chuvas", "O homem que devolvia guarda-chuvas", "contos-e-cronicas", "Plínio Jaborandi", 5290, "Pedra Lascada").grams(280).bindings(TODOS, TODOS_PRECO).tags(&["contos", "humor"])
        .html("<p>Doze histórias de gente que faz uma gentileza e não sabe parar. Entre o riso e o nó na garganta.</p>"),
    book("pequeno-atlas-das-esquinas", "Pequeno atlas das esquinas", "contos-e-cronicas", "Nara Itaipava", 5490, "Editora Canoa").grams(300).bindings(LEVES, LEVES_PRECO).tags(&["crônicas", "cidade"])
        .html("<p>Quarenta esquinas, quarenta crônicas e um mapa desdobrável. A cidade nunca é nomeada, mas você vai reconhecer a sua.</p>"),
    book("a-hora-do-cafe-frio", "A hora do café frio", "contos-e-cronicas", "Emílio Guaraci", 4790, "Travessa do Sol").grams(250).bindings(LEVES, LEVES_PRECO).tags(&["contos"])
        .html("<p>Contos sobre conversas interrompidas. O que ficou por dizer ocupa as melhores páginas.</p>"),
    book("bicho-de-sete-sentidos", "Bicho de sete sentidos", "contos-e-cronicas", "Ondina Marujo", 5190, "Pedra Lascada").was(5990).grams(270).bindings(TODOS, TODOS_PRECO).tags(&["contos", "fantástico"])
        .html("<p>Uma mulher ouve cores, um menino cheira o futuro, um cachorro lembra da vida anterior. Contos fantásticos contados com a maior naturalidade.</p>"),
    book("o-crime-do-realejo", "O crime do realejo", "misterio", "Honório Galvão Reis", 5990, "Meia-Noite e Meia").grams(360).bindings(TODOS, TODOS_PRECO).tags(&["policial", "detetive"]).featured()
        .html("<p>O papagaio do realejo tira um bilhete com o nome do morto, na véspera do crime. A delegada Clarice Bonfim não acredita em sorte. Primeiro volume da série.</p>"),
    book("a-delegada-nao-toma-cha", "A delegada não toma chá", "misterio", "Honório Galvão Reis", 5990, "Meia-Noite e Meia").grams(370).bindings(TODOS, TODOS_PRECO).tags(&["policial", "detetive"])
        .html("<p>Seis convidados, cinco xícaras e um bule envenenado. A delegada Clarice Bonfim só aceita água. Segundo volume da série.</p>"),
    book("sombra-no-elevador-de-servico", "Sombra no elevador de serviço", "misterio", "Wanda Sertório", 5490, "Meia-Noite e Meia").was(6490).grams(330).bindings(LEVES, LEVES_PRECO).tags(&["suspense"])
        .html("<p>O porteiro da noite conhece todos os passos do prédio. Esta madrugada ele ouve um que não existe. Suspense de tirar o sono.</p>"),
    book("o-inventario-dos-desaparecidos", "O inventário dos desaparecidos", "misterio", "Lauro Vasques Neto", 6290, "Meia-Noite e Meia").grams(410).bindings(TODOS, TODOS_PRECO).tags(&["policial", "cartório"])
        .html("<p>Um escrivão nota que a mesma assinatura aparece em testamentos separados por um século. Alguém está herdando a cidade aos poucos.</p>"),
    book("noite-alta-em-morro-calado", "Noite alta em Morro Calado", "misterio", "Yara Monjardim", 5790, "Meia-Noite e Meia").grams(350).bindings(LEVES, LEVES_PRECO).tags(&["suspense", "interior"])
        .html("<p>Quando a luz acaba, ninguém sai de casa em Morro Calado. A professora nova quer saber por quê. Não devia.</p>"),
    book("o-relojoeiro-as-escuras", "O relojoeiro às escuras", "misterio", "Wanda Sertório", 5690, "Meia-Noite e Meia").grams(340).bindings(LEVES, LEVES_PRECO).tags(&["policial"]).sold_out()
        .html("<p>Ele conserta relógios pelo som e reconheceu o assassino pelo pulso. Falta convencer a polícia.</p>"),
    book("as-ilhas-que-voam-baixo", "As ilhas que voam baixo", "fantasia-e-futuro", "Cora Itamar", 7990, "Sete Luas").grams(560).drawing(2).bindings(TODOS, TODOS_PRECO).tags(&["fantasia", "aventura"]).featured()
        .html("<p>As ilhas se soltaram do mar e passam todo ano sobre a aldeia de Jaci. Este ano uma delas parou. Fantasia de fôlego, com mapa na contracapa.</p>"),
    book("cronica-da-cidade-submersa", "Crônica da cidade submersa", "fantasia-e-futuro", "Dario Fontenele", 7490, "Sete Luas").grams(520).bindings(TODOS, TODOS_PRECO).tags(&["ficção científica"])
        .html("<p>Em 2190, mergulhadores resgatam memórias de apartamentos alagados. Uma delas ainda está sendo vivida. Ficção científica tropical, úmida e veloz.</p>"),
    book("a-costureira-de-constelacoes", "A costureira de constelações", "fantasia-e-futuro", "Cora Itamar", 6990, "Sete Luas").was(7990).grams(470).drawing(8).bindings(TODOS, TODOS_PRECO).tags(&["fantasia"])
        .html("<p>Quando uma estrela se descostura, é Amélia quem sobe para remendar. Desta vez o fio acabou no meio da noite.</p>"),
    book("manual-para-domar-neblina", "Manual para domar neblina", "fantasia-e-futuro", "Ulisses Camboatá", 5990, "Sete Luas").grams(360).bindings(LEVES, LEVES_PRECO).tags(&["fantasia", "humor"])
        .html("<p>Um aprendiz atrapalhado herda o ofício de pastor de neblina e perde o rebanho no primeiro dia. Divertido e encantador.</p>"),
    book("o-robo-que-regava-samambaias", "O robô que regava samambaias", "fantasia-e-futuro", "Dario Fontenele", 6290, "Sete Luas").grams(380).bindings(LEVES, LEVES_PRECO).tags(&["ficção científica", "robôs"])
        .html("<p>A estação espacial foi abandonada há oitenta anos, mas as plantas vão bem. Alguém anda cuidando delas e aprendeu a sentir saudade.</p>"),
    book("o-reino-atras-da-geladeira", "O reino atrás da geladeira", "fantasia-e-futuro", "Pilar Sobral", 5790, "Sete Luas").grams(340).bindings(LEVES, LEVES_PRECO).tags(&["fantasia", "humor"])
        .html("<p>Atrás da geladeira há um império, e ele está em guerra com o rodapé. Adultos também podem ler.</p>"),
    book("inventario-de-ventos", "Inventário de ventos", "poesia", "Amaro Celidônio", 4290, "Papel de Seda").grams(180).bindings(LEVES, LEVES_PRECO).tags(&["poesia"]).featured()
        .html("<p>Sessenta poemas curtos, um para cada vento que o autor conheceu. Leia em voz alta, com a janela aberta.</p>"),
    book("caderno-de-agua", "Caderno de água", "poesia", "Rosa Timbira", 4490, "Papel de Seda").grams(190).bindings(TODOS, TODOS_PRECO).tags(&["poesia", "rio"])
        .html("<p>Poemas escritos ao longo de um rio, da nascente à foz. O verso alarga junto com a margem.</p>"),
    book("gramatica-do-bem-te-vi", "Gramática do bem-te-vi", "poesia", "Leônidas Porfírio", 3990, "Papel de Seda").was(4690).grams(160).bindings(LEVES, LEVES_PRECO).tags(&["poesia", "humor"])
        .html("<p>Poemas que brincam com a língua e com quem a corrige. Concordância, aqui, só entre amigos.</p>"),
    book("o-peso-das-pequenas-luzes", "O peso das pequenas luzes", "poesia", "Ingrid Saavedra Lima", 4690, "Papel de Seda").grams(200).bindings(TODOS, TODOS_PRECO).tags(&["poesia"])
        .html("<p>Vaga-lumes, lâmpadas de geladeira, estrelas mortas. Um livro sobre o que ilumina pouco e basta.</p>"),
    book("oracoes-para-consertar-coisas", "Orações para consertar coisas", "poesia", "Amaro Celidônio", 4290, "Papel de Seda").grams(170).bindings(LEVES, LEVES_PRECO).tags(&["poesia", "cotidiano"])
        .html("<p>Há uma para a torneira, outra para a amizade e três para o ventilador. Funcionam mais do que parece.</p>"),
    book("o-almoco-das-comadres", "O almoço das comadres", "teatro", "Filomena Brandão", 4590, "Papel de Seda").grams(210).bindings(LEVES, LEVES_PRECO).tags(&["teatro", "comédia"])
        .html("<p>Comédia em dois atos para quatro atrizes e um frango que não assa. Montada por grupos de todo o país.</p>"),
    book("palco-vazio-plateia-cheia", "Palco vazio, plateia cheia", "teatro", "Gaspar Linhares", 4790, "Papel de Seda").grams(230).bindings(LEVES, LEVES_PRECO).tags(&["teatro", "drama"])
        .html("<p>O ator principal não veio, e o contrarregra precisa segurar o público. Um monólogo sobre coragem.</p>"),
    book("a-menina-que-guardava-trovoes", "A menina que guardava trovões", "ilustrados", "Tainá Rebouças", 5490, "Cata-Vento").grams(420).drawing(9).bindings(FIRMES, LEVES_PRECO).tags(&["infantil", "4 a 7 anos"]).featured()
        .html("<p>Bia coleciona trovões em potes de geleia, até o dia em que falta chuva na cidade. Um livro ilustrado sobre dividir o que faz barulho por dentro.</p>"),
    book("jacare-de-galochas", "Jacaré de galochas", "ilustrados", "Tomé Valadão", 4990, "Cata-Vento").grams(400).bindings(FIRMES, LEVES_PRECO).tags(&["infantil", "3 a 6 anos"])
        .html("<p>Ele mora no rio mas detesta molhar os pés. Rimas para ler junto e ilustrações em guache.</p>"),
    book("dez-formigas-e-um-piano", "Dez formigas e um piano", "ilustrados", "Tainá Rebouças", 5290, "Cata-Vento").was(5990).grams(410).bindings(FIRMES, LEVES_PRECO).tags(&["infantil", "números"])
        .html("<p>Como se carrega um piano até o alto do morro? Contando. De um a dez e de volta ao um, com uma surpresa musical no fim.</p>"),
    book("vovo-plantou-uma-nuvem", "Vovó plantou uma nuvem", "ilustrados", "Nonato Araçá", 5490, "Cata-Vento").grams(430).bindings(FIRMES, LEVES_PRECO).tags(&["infantil", "avós"])
        .html("<p>A horta da vovó dá de tudo: couve, abóbora e, neste ano, uma nuvem. Regar é fácil. Difícil é convencer a nuvem a ficar.</p>"),
    book("o-gato-do-farmaceutico", "O gato do farmacêutico", "ilustrados", "Olga Penteado", 4790, "Cata-Vento").grams(390).bindings(FIRMES, LEVES_PRECO).tags(&["infantil", "gatos"])
        .html("<p>Ele receita sonecas para todos os males e raramente erra. Humor fino para ouvidos pequenos.</p>"),
    book("dorme-caminhaozinho", "Dorme, caminhãozinho", "ilustrados", "Tomé Valadão", 4590, "Cata-Vento").grams(380).bindings(FIRMES, LEVES_PRECO).tags(&["infantil", "hora de dormir"])
        .html("<p>Os faróis vão baixando, página por página. Quando o último se apaga, quem lê também já está quase lá.</p>"),
    book("o-clube-secreto-do-telhado", "O clube secreto do telhado", "juvenis", "Mirtes Caldeira", 4990, "Cata-Vento").grams(310).bindings(LEVES, LEVES_PRECO).tags(&["juvenil", "aventura"]).featured()
        .html("<p>Cinco amigos, um telhado e um telescópio emprestado sem pedir. O que eles veem na janela da frente muda as férias.</p>"),
    book("o-verao-em-que-fui-goleira", "O verão em que fui goleira", "juvenis", "Jussara Tenório", 4790, "Cata-Vento").grams(300).bindings(LEVES, LEVES_PRECO).tags(&["juvenil", "futebol"])
        .html("<p>Ninguém queria ir para o gol, e Nina só queria jogar. Uma história de time, primeira paixão e joelhos ralados.</p>"),
    book("mapa-do-tesouro-com-erros", "Mapa do tesouro com erros", "juvenis", "Breno Casimiro", 5190, "Cata-Vento").was(5990).grams(330).bindings(LEVES, LEVES_PRECO).tags(&["juvenil", "enigmas"])
        .html("<p>O mapa tem sete erros de propósito. Quem encontrar todos antes do último capítulo chega primeiro ao tesouro. Um romance com enigmas de verdade.</p>"),
    book("minha-melhor-amiga-e-um-eco", "Minha melhor amiga é um eco", "juvenis", "Mirtes Caldeira", 4890, "Cata-Vento").grams(290).bindings(LEVES, LEVES_PRECO).tags(&["juvenil", "amizade"])
        .html("<p>No vale novo, Davi só conversa com a pedreira. Um dia ela responde outra coisa.</p>"),
    book("elogio-do-recado-na-geladeira", "Elogio do recado na geladeira", "ensaios", "Célio Montanari", 5990, "Margem Editorial").grams(290).bindings(LEVES, LEVES_PRECO).tags(&["ensaio", "cotidiano"])
        .html("<p>Bilhetes, listas, lembretes: o que escrevemos quando não pensamos que é escrita. Um ensaio bem-humorado sobre a intimidade.</p>"),
    book("breve-tratado-da-demora", "Breve tratado da demora", "ensaios", "Aurora Piratini", 6290, "Margem Editorial").grams(310).bindings(TODOS, TODOS_PRECO).tags(&["ensaio", "filosofia"]).featured()
        .html("<p>Por que certas coisas só acontecem devagar? Filosofia em linguagem de conversa, da espera do pão à espera do perdão.</p>"),
    book("a-arte-de-andar-sem-mapa", "A arte de andar sem mapa", "ensaios", "Célio Montanari", 5790, "Margem Editorial").was(6690).grams(280).bindings(LEVES, LEVES_PRECO).tags(&["ensaio", "cidade"])
        .html("<p>Perder-se virou luxo. O autor caminha por dez cidades sem mapa nem telefone e conta o que achou.</p>"),
    book("o-que-as-maos-sabem", "O que as mãos sabem", "ensaios", "Benedita Lacerda", 6490, "Margem Editorial").grams(340).bindings(TODOS, TODOS_PRECO).tags(&["ensaio", "artesanato"])
        .html("<p>Conversas com bordadeiras, luthiers, padeiros e cirurgiãs sobre o conhecimento que não cabe em palavras.</p><p>Com 32 fotografias em preto e branco.</p>"),
    book("onde-dormiam-os-tropeiros", "Onde dormiam os tropeiros", "historia-e-viagem", "Virgílio Arruda Paes", 7990, "Margem Editorial").grams(520).bindings(TODOS, TODOS_PRECO).tags(&["história", "estradas"])
        .html("<p>A história do interior contada por seus pousos, fogueiras e panelas. Pesquisa de quinze anos em arquivos de paróquia.</p>"),
    book("diario-de-uma-balsa", "Diário de uma balsa", "historia-e-viagem", "Iracy Monteverde", 6790, "Margem Editorial").grams(400).bindings(LEVES, LEVES_PRECO).tags(&["viagem", "rio"])
        .html("<p>Quarenta dias rio acima, com rede, caderno e uma caixa de laranjas. Um relato de viagem que corre no ritmo da água.</p>"),
    book("historia-miuda-do-botao", "História miúda do botão", "historia-e-viagem", "Clotilde Varejão", 6990, "Margem Editorial").was(7990).grams(430).bindings(TODOS, TODOS_PRECO).tags(&["história", "objetos"])
        .html("<p>De osso, de concha, de plástico: um objeto pequeno atravessa três mil anos de moda, guerra e gavetas. Delicioso e cheio de ilustrações.</p>"),
    book("de-bicicleta-ate-onde-venta", "De bicicleta até onde venta", "historia-e-viagem", "Ian Quaresma", 5990, "Margem Editorial").grams(350).bindings(LEVES, LEVES_PRECO).tags(&["viagem", "bicicleta"])
        .html("<p>Seis mil quilômetros contra o vento e a favor das pessoas. Com mapas, listas e receitas de acampamento.</p>"),
    book("por-que-o-ceu-desbota", "Por que o céu desbota", "ciencia", "Dra. Selma Ituano", 6490, "Lupa").grams(360).bindings(TODOS, TODOS_PRECO).tags(&["ciência", "física"]).featured()
        .html("<p>A física das coisas que vemos todo dia: bolhas, sombras, poças e o azul que some no horizonte. Sem fórmulas, com experiências para fazer na cozinha.</p>"),
    book("atlas-afetivo-dos-musgos", "Atlas afetivo dos musgos", "ciencia", "Heitor Camargo Sá", 7290, "Lupa").grams(480).bindings(TODOS, TODOS_PRECO).tags(&["ciência", "botânica"])
        .html("<p>Eles estavam aqui antes das flores e talvez fiquem depois. Um botânico apaixonado apresenta oitenta espécies que você pisou sem ver.</p>"),
    book("conversa-de-baleia", "Conversa de baleia", "ciencia", "Marina Tapajós", 5990, "Lupa").was(6790).grams(330).bindings(LEVES, LEVES_PRECO).tags(&["ciência", "mar"])
        .html("<p>O que dizem, a que distância e com que sotaque. A autora passou doze anos com um microfone debaixo d'água.</p>"),
    book("matematica-de-feira-livre", "Matemática de feira livre", "ciencia", "Prof. Edgar Bonança", 5490, "Lupa").grams(300).bindings(LEVES, LEVES_PRECO).tags(&["ciência", "matemática"])
        .html("<p>Probabilidade no pastel, geometria no abacaxi, estatística na xepa. Para quem acha que não gosta de números.</p>"),
    book("cozinha-de-uma-panela-so", "Cozinha de uma panela só", "cozinha-e-jardim", "Tereza Maracajá", 8990, "Fogo Brando").was(10490).grams(780).drawing(2).bindings(FIRMES, LEVES_PRECO).tags(&["receitas", "cozinha"]).featured()
        .html("<p>Cem receitas que sujam uma panela e alimentam quatro pessoas. Cada página diz quanto custa e quanto demora.</p><p>Fotografado em casas de verdade.</p>"),
    book("paes-de-fermento-lento", "Pães de fermento lento", "cozinha-e-jardim", "Otávio Malta", 8490, "Fogo Brando").grams(720).bindings(FIRMES, LEVES_PRECO).tags(&["receitas", "pão"])
        .html("<p>Do primeiro fermento ao pão que estala. Explicações de padeiro, sem mistério, e uma tabela para dias quentes.</p>"),
    book("horta-em-lata", "Horta em lata", "cozinha-e-jardim", "Jurema Candeias", 5990, "Fogo Brando").grams(420).drawing(9).bindings(LEVES, LEVES_PRECO).tags(&["jardim", "horta"])
        .html("<p>Manjericão na lata de tomate, morango na garrafa, couve na bacia velha. Trinta projetos para varandas pequenas.</p>"),
    book("doces-de-tacho-e-de-memoria", "Doces de tacho e de memória", "cozinha-e-jardim", "Tereza Maracajá", 7990, "Fogo Brando").grams(640).bindings(FIRMES, LEVES_PRECO).tags(&["receitas", "doces"])
        .html("<p>Goiabada, doce de leite, cocada e outras sessenta receitas recolhidas com doceiras de mais de setenta anos. Açúcar e histórias na mesma medida.</p>"),
    book("o-jardim-preguicoso", "O jardim preguiçoso", "cozinha-e-jardim", "Jurema Candeias", 6490, "Fogo Brando").grams(450).bindings(LEVES, LEVES_PRECO).tags(&["jardim"])
        .html("<p>Plantas que perdoam esquecimento, viagem e excesso de carinho. Um guia para jardineiros de fim de semana.</p>"),
];
