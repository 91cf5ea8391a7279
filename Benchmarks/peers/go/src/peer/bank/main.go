// bank answers HTTP requests for balances by asking balances over gRPC, one call a request.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"peer/rpc"
)

type balance struct {
	Account  string `json:"account"`
	Name     string `json:"name"`
	Currency string `json:"currency"`
	Balance  string `json:"balance"`
}

type handler struct {
	balances rpc.BalancesClient
	timeout  time.Duration
}

// ServeHTTP answers GET /v1/accounts/{account}/balance.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/accounts/"), "/")
	if len(path) != 2 || path[1] != "balance" {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet {
		http.Error(w, "only GET", http.StatusMethodNotAllowed)
		return
	}
	account, number, err := parseAccount(path[0])
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}

	ctx, cancel := context.WithTimeout(r.Context(), h.timeout)
	defer cancel()
	response, err := h.balances.GetBalance(ctx, &rpc.GetBalanceRequest{Account: number})
	if err != nil {
		http.Error(w, status.Convert(err).Message(), httpStatus(status.Code(err)))
		return
	}

	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(balance{
		Account:  account,
		Name:     response.Name,
		Currency: response.Currency,
		Balance:  decimal(response.MinorUnits, response.Currency),
	})
}

func httpStatus(code codes.Code) int {
	switch code {
	case codes.NotFound:
		return http.StatusNotFound
	case codes.DeadlineExceeded:
		return http.StatusGatewayTimeout
	default:
		return http.StatusServiceUnavailable
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8061", "address to listen on")
	upstream := flag.String("upstream", "127.0.0.1:50061", "address of balances")
	timeout := flag.Duration("timeout", 5*time.Second, "deadline of a request")
	flag.Parse()

	connection, err := grpc.Dial(*upstream, grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()

	mux := http.NewServeMux()
	mux.Handle("/v1/accounts/", &handler{rpc.NewBalancesClient(connection), *timeout})
	server := &http.Server{Addr: *listen, Handler: mux}

	stop, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		<-stop.Done()
		drain, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		server.Shutdown(drain)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-drained
}
