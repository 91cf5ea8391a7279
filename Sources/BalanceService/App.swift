@main struct App { static func main() async { print(1) } }
