//! A running process: the platform with the roles it was given. It stops as a whole, and ends when one part can't go on.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use anyhow::Context as _;
use feira_connectors::{
    clock::wall_clock,
    http::{HttpClient, HttpPolicy},
    log::{LogError, Seat},
    search::{Shards, ShardsSettings},
    state::StateError,
    turns::Turns,
};
use feira_contexts::{Decider, admin::Admin, directory::Directory, store::Store};
use feira_schemas::{
    generations::SHARDS,
    groups::{PANEL, SEARCH},
};
use feira_streams::{
    commands::Commands,
    effects::{
        EffectError,
        pictures::{PictureSettings, Pictures},
        removed,
    },
    generations::{self, FoldFailed, Source},
    health::Doing,
    platform::Platform,
    processor::{ContextFold, Processor, ProcessorError},
    views::{
        View, ViewError, ViewProcessor,
        search::{Catalogue, PanelCatalogue, SearchReader, SearchView, ShopCatalogue},
        storefront::{Storefront, StorefrontView},
    },
};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    config::{Config, Role},
    ports,
    processors::Processors,
};

/// The parts of a running process.
pub struct Node {
    /// Ports and codec.
    pub platform: Platform,
    /// Sends commands and waits for their answers.
    pub commands: Arc<Commands>,
    /// Reads cards.
    pub storefront: Storefront,
    /// Searches the shops' listings.
    pub search: SearchReader,
    /// Searches the panels' products.
    pub panel: SearchReader,
    /// The shards, for checks.
    pub shards: Shards,
    /// Tells those who take requests to end.
    ending: watch::Sender<bool>,
    serving: JoinSet<anyhow::Result<()>>,
    /// Tells the processors to end, once nobody waits for them any more.
    stop: watch::Sender<bool>,
    parts: JoinSet<anyhow::Result<()>>,
    /// The threads that the parts run on.
    processors: Processors,
}

impl Node {
    /// Opens the ports and starts the roles. Returns when commands can be sent; the processors restore meanwhile.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        config.validate()?;
        let ports = ports::open(config).await?;
        let platform = Platform::start(ports, config.partitions, config.budget(), wall_clock()).await?;
        generations::agree_on_shards(&platform, SHARDS).await?;
        generations::take_over(&platform).await?;
        let (stop, stopped) = watch::channel(false);
        let commands = Commands::start(platform.clone(), stopped.clone()).await?;
        let searches = ShardsSettings::searches();
        let shards = open_shards::<ShopCatalogue>(config, &searches)?;
        let panel_shards = open_shards::<PanelCatalogue>(config, &searches)?;
        let mut node = Self {
            storefront: Storefront::new(platform.clone()),
            search: SearchReader::new::<ShopCatalogue>(platform.clone(), shards.clone()),
            panel: SearchReader::new::<PanelCatalogue>(platform.clone(), panel_shards.clone()),
            shards: shards.clone(),
            platform,
            commands,
            ending: watch::channel(false).0,
            serving: JoinSet::new(),
            stop,
            parts: JoinSet::new(),
            processors: Processors::start().context("starting the processors' threads")?,
        };
        let stores = node.platform.clone();
        node.run(|stop| watch_stores(stores, stop));
        let instance = Some(config.instance.as_str()).filter(|instance| !instance.is_empty());
        let threads = config.threads();
        for role in &config.roles {
            match role {
                Role::Directory => node.processors::<Directory>(instance, threads).await?,
                Role::Admin => {
                    node.processors::<Admin>(instance, threads).await?;
                    let platform = node.platform.clone();
                    node.run(|stop| async move {
                        removed::run(platform, stop).await;
                        Ok(())
                    });
                }
                Role::Effects => {
                    if config.fetch_images {
                        node.pictures(instance).await?;
                    }
                }
                Role::Store => node.processors::<Store>(instance, threads).await?,
                Role::Storefront => node.storefront(instance).await?,
                Role::Search => node.search::<ShopCatalogue>(&shards, instance).await?,
                Role::Panel => node.search::<PanelCatalogue>(&panel_shards, instance).await?,
                // Served by the caller, who owns the listener.
                Role::Api => {}
            }
        }
        node.look_for_others(&config.roles);
        Ok(node)
    }

    /// Looks for what other processes fold, where somebody here waits for it; and says when what is folded here is whole.
    fn look_for_others(&mut self, roles: &BTreeSet<Role>) {
        if roles.contains(&Role::Api) || roles.contains(&Role::Effects) {
            let platform = self.platform.clone();
            self.run(|stop| tables_whole(platform, stop));
        }
        let searches: Vec<&str> =
            [SEARCH, PANEL].iter().filter(|group| roles.contains(&group.role)).map(|group| group.name).collect();
        if !searches.is_empty() {
            let platform = self.platform.clone();
            self.run(|stop| shards_whole(platform, searches, stop));
        }
    }

    /// Runs a search's view over its shards.
    async fn search<C: Catalogue>(&mut self, shards: &Shards, instance: Option<&str>) -> anyhow::Result<()> {
        let view = SearchView::<C>::new(self.platform.clone(), shards.clone());
        self.view(view, instance).await?;
        if generations::older_shards_go(&self.platform).await? {
            shards.drop_older().await?;
        }
        Ok(())
    }

    /// Runs a context's processors, once its tables are of this program's generation.
    async fn processors<D: Decider>(&mut self, instance: Option<&str>, threads: u32) -> anyhow::Result<()> {
        let platform = self.platform.clone();
        if platform.generations.is_pending(D::CONTEXT.name()) {
            let instance = instance.map(str::to_owned);
            self.run(|stop| async move {
                generations::fold::<ContextFold<D>>(&platform, instance.as_deref(), stop.clone()).await?;
                if *stop.borrow() {
                    return Ok(());
                }
                let mut processors = JoinSet::new();
                for processor in join::<D>(&platform, instance.as_deref(), threads).await? {
                    let stop = stop.clone();
                    processors.spawn(async move { processor.run(stop).await });
                }
                while let Some(ended) = processors.join_next().await {
                    ended??;
                }
                Ok(())
            });
            return Ok(());
        }
        for processor in join::<D>(&platform, instance, threads).await? {
            self.run(|stop| async move { Ok(processor.run(stop).await?) });
        }
        Ok(())
    }

    /// Runs the storefront's view, once its tables are of this program's generation.
    async fn storefront(&mut self, instance: Option<&str>) -> anyhow::Result<()> {
        let platform = self.platform.clone();
        let view = StorefrontView::new(platform.clone());
        if !platform.generations.is_pending(StorefrontView::KEYSPACE) {
            return self.view(view, instance).await;
        }
        let instance = instance.map(str::to_owned);
        self.run(|stop| async move {
            generations::fold::<StorefrontView>(&platform, instance.as_deref(), stop.clone()).await?;
            if *stop.borrow() {
                return Ok(());
            }
            Ok(ViewProcessor::join(platform, view, instance.as_deref()).await?.run(stop).await?)
        });
        Ok(())
    }

    async fn view<V: View>(&mut self, view: V, instance: Option<&str>) -> anyhow::Result<()> {
        let processor = ViewProcessor::join(self.platform.clone(), view, instance).await?;
        self.run(|stop| async move { Ok(processor.run(stop).await?) });
        Ok(())
    }

    async fn pictures(&mut self, instance: Option<&str>) -> anyhow::Result<()> {
        let fetcher = match HttpClient::new(HttpPolicy::images()) {
            Ok(fetcher) => fetcher,
            // Whoever has no certificates can try Feira all the same; images wait.
            Err(error) => {
                tracing::warn!(%error, "pictures are not fetched: install certificates (ca-certificates), or set FEIRA_FETCH_IMAGES=false");
                return Ok(());
            }
        };
        let settings = PictureSettings::new(fetcher);
        let (platform, commands) = (self.platform.clone(), Arc::clone(&self.commands));
        let instance = instance.map(str::to_owned);
        if !platform.generations.is_pending(Admin::CONTEXT.name()) {
            let effect = Pictures::join(platform, commands, settings, instance.as_deref()).await?;
            self.run(|stop| async move { Ok(effect.run(stop).await?) });
            return Ok(());
        }
        // It looks at admin's rows, and would take for gone what is not folded yet.
        self.run(|mut stop| async move {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                () = platform.generations.until_whole(Admin::CONTEXT.name()) => {}
            }
            let effect = Pictures::join(platform, commands, settings, instance.as_deref()).await?;
            Ok(effect.run(stop).await?)
        });
        Ok(())
    }

    /// Runs what takes requests. It is told first that the process is to end, and the processors work until it has ended: what is
    /// under way gets its answer.
    pub fn serve<F>(&mut self, part: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.serving.spawn(part(self.ending.subscribe()));
    }

    /// Runs another part with this process: it gets the stop signal, and its end with an error ends the process.
    pub fn run<F>(&mut self, part: impl FnOnce(watch::Receiver<bool>) -> F)
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.parts.spawn_on(part(self.stop.subscribe()), self.processors.handle());
    }

    /// Turns true when this process is to end.
    pub fn stopped(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Waits until a part can't go on. A disk that took no more is no reason to end: what was written can be read, which is all
    /// that most buyers ask for, so that is said and reading goes on.
    pub async fn failed(&mut self) -> anyhow::Error {
        loop {
            // Cancel safety: `join_next` takes no part when it is dropped.
            let ended = tokio::select! {
                Some(ended) = self.parts.join_next() => ended,
                Some(ended) = self.serving.join_next() => ended,
                else => return anyhow::anyhow!("every part of this process has ended"),
            };
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) if takes_no_more(&error) => {
                    tracing::error!(%error, "this process can only be read from; make room on its disk and start it again");
                    let stopped = Doing::Stopped(format!("{error}; make room on the disk and start again"));
                    self.platform.health.report("disk", stopped, self.platform.now());
                }
                Ok(Err(error)) => return error,
                Err(panicked) => return panicked.into(),
            }
        }
    }

    /// Stops: what is begun is finished, committed and kept.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        // Nobody listening means that all of them have ended already.
        let _ = self.ending.send(true);
        let mut first = ended(&mut self.serving).await;
        let _ = self.stop.send(true);
        first = first.and(ended(&mut self.parts).await);
        self.platform.state.sync().await?;
        first
    }
}

/// Takes as many seats of a context's group as the process has threads for it: each seat's processor decides on partitions of its own.
async fn join<D: Decider>(
    platform: &Platform,
    instance: Option<&str>,
    threads: u32,
) -> Result<Vec<Processor<D>>, ProcessorError> {
    let mut processors = Vec::new();
    for seat in Seat::all(instance, threads) {
        processors.push(Processor::join(platform.clone(), seat).await?);
    }
    Ok(processors)
}

/// The time between two looks of a process whether others have done what it waits for.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The name, in `/readyz`, of a process that waits for others' folds.
const WAITS: &str = "generations";

/// The time between two questions to the stores of the data folder how they are.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// The name of those stores in `/readyz`.
const STORES: &str = "stores";

/// Says what ails the stores of the data folder, for as long as it does.
async fn watch_stores(platform: Platform, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let mut ailing = false;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = tokio::time::sleep(ASK_EVERY) => {}
        }
        match platform.log.trouble().or_else(|| platform.state.trouble()) {
            Some(why) => {
                if !ailing {
                    tracing::error!(%why, "a store of the data folder can't keep up; its disk may be too slow or full");
                }
                platform.health.report(STORES, Doing::Waiting(why), platform.now());
                ailing = true;
            }
            None if ailing => {
                platform.health.forget(STORES);
                ailing = false;
            }
            None => {}
        }
    }
}

/// Looks, for those who only read, whether the tables were folded elsewhere.
async fn tables_whole(platform: Platform, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let pending = || {
        let all = platform.generations.all().into_iter().filter(|(name, _)| name != generations::SHARDS);
        all.filter(|(_, kept)| kept.live < kept.ours).map(|(name, _)| name).collect::<Vec<_>>()
    };
    loop {
        let pending = pending();
        if pending.is_empty() {
            break;
        }
        for name in &pending {
            if let Err(error) = generations::look(&platform, name).await {
                tracing::warn!(%error, name, "could not look which generation is live");
            }
        }
        let waiting = Doing::Waiting(format!("a new generation of {} to be folded", pending.join(", ")));
        platform.health.report(WAITS, waiting, platform.now());
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = platform.generations.until_tables_are_whole() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    platform.health.forget(WAITS);
    Ok(())
}

/// Says that this program's shards are live, once those of the searches of this process are whole.
async fn shards_whole(
    platform: Platform,
    searches: Vec<&'static str>,
    mut stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    while platform.generations.is_pending(generations::SHARDS) {
        let doing = platform.health.all();
        let whole = |group: &str| doing.get(group).is_some_and(|(doing, _)| *doing == Doing::Working);
        if searches.iter().all(|group| whole(group)) {
            match generations::make_live(&platform, generations::SHARDS).await {
                Err(StateError::Unavailable(why)) => tracing::warn!(%why, "the shards' generation is not kept yet"),
                made => return Ok(made?),
            }
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    Ok(())
}

/// Waits for all of these; the first error of theirs.
async fn ended(parts: &mut JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    let mut first = Ok(());
    while let Some(ended) = parts.join_next().await {
        first = first.and(ended.map_err(anyhow::Error::from).flatten());
    }
    first
}

/// True if a part ended because a store in the data folder had a write fail and takes no more.
fn takes_no_more(error: &anyhow::Error) -> bool {
    let log = |error: &LogError| matches!(error, LogError::Broken(_));
    let state = |error: &StateError| matches!(error, StateError::Broken(_));
    match (error.downcast_ref(), error.downcast_ref(), error.downcast_ref()) {
        (Some(ProcessorError::Log(error)), _, _)
        | (_, Some(ViewError::Log(error)), _)
        | (_, _, Some(EffectError(error))) => log(error),
        (Some(ProcessorError::State(error)), _, _) | (_, Some(ViewError::State(error)), _) => state(error),
        _ => match error.downcast_ref() {
            Some(FoldFailed::Log(error)) => log(error),
            Some(FoldFailed::State(error)) => state(error),
            None => false,
        },
    }
}

/// The shards of one of the two catalogues, which share what the process has for both.
fn open_shards<C: Catalogue>(config: &Config, searches: &Turns) -> anyhow::Result<Shards> {
    let root = config.data.join("shards").join(C::GROUP);
    let settings = ShardsSettings { searches: searches.clone(), ..ShardsSettings::new(root, SHARDS) };
    Ok(Shards::open(settings.writing_within(config.budget().shard_writers() / 2))?)
}
