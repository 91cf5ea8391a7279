import Chain
import NIOCore

/// The bounds of what hop 2 accepts, of all connections together.
struct HopLimits: Sendable {
    /// Near it the least useful one is closed for a new one. Some descriptors are for the database and
    /// everything else.
    var connections = min(1000, max(64, FileDescriptorLimit.raise() - 192))
    /// Calls that have no answer yet, and streams.
    var calls = 4096
    /// Of one connection, of the service's health: they never end by themselves.
    var watches = 4
    /// Of requests that are there in part, or have no answer yet.
    var requestBytes = 64 * 1024 * 1024
    /// Of answers that nobody has read yet.
    var answerBytes = 64 * 1024 * 1024
    /// How long a request may take to arrive.
    var requestTime = TimeAmount.seconds(5)
    /// How long a caller may read nothing of what it was answered.
    var readTime = TimeAmount.seconds(10)
    /// Calls that one peer may reset in ``resetWindow``, on however many connections, before its new
    /// connections have to wait.
    var resets = 400
    var resetWindow = TimeAmount.seconds(30)
    /// Between two of those.
    var resetPause = TimeAmount.milliseconds(250)
    /// A connection that would wait longer is closed.
    var longestWait = TimeAmount.seconds(10)
}
