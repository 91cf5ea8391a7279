import Hummingbird

/// Nothing beside the request is needed to answer it.
struct BankContext: InitializableFromSource {
    init(source: ApplicationRequestContextSource) {}
}
