/// What `LocalBank.up` and `LocalBank.down` tell as they go.
public enum Step: Sendable, Equatable {
    /// A piece of work with a duration.
    public enum Work: Sendable, Equatable {
        /// `initdb` makes the data folder at this path.
        case createDataFolder(String)
        /// Applies the migrations, and loads the demo data.
        case migrate(demo: Bool)
        case start(Part)
        case stop(Part)
        /// Deletes the data folder if there is one, the logs and the state, and no database elsewhere.
        case purge(hadData: Bool, kept: String?)
    }

    /// How a process ended.
    public enum Stop: Sendable, Equatable {
        /// It drained and ended by itself after SIGTERM.
        case drained
        /// It had to be killed: it had not ended within the bound.
        case killed
        /// It had ended before.
        case wasDead
    }

    case began(Work)
    /// `address` is where the part listens, for work that starts one.
    case finished(Work, address: String?, took: Duration)
    /// The part runs and is ready, and was left alone.
    case alreadyRunning(Part)
    case stopped(Part, Stop)
    /// It takes nobody, and says why; `up` waits for it.
    case waiting(Part, says: String)
    /// root's tiers have no user of their own, or one who cannot run them.
    case tiersStayRoot(because: String)
    /// A failed `up` stops what it had started.
    case rollingBack([Part])
}
