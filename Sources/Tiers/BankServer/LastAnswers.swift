import Chain
import ServiceLifecycle

/// Keeps hop 2 until what was asked at hop 1 has its answer, also when nobody is there to hear it: as a
/// service, between the two in a shutdown.
struct LastAnswers: Service {
    let inFlight: InFlightLimit

    func run() async throws {
        try await gracefulShutdown()
        while !inFlight.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    }
}
