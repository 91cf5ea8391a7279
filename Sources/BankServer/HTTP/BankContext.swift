import Hummingbird
import NIOCore

/// What is needed beside the request to answer it: its connection.
struct BankContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}
