package media

import "github.com/pion/interceptor"

// estimate is what may be sent to one engine.
type estimate struct{}

// NewInterceptor implements interceptor.Factory.
func (e *estimate) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &interceptor.NoOp{}, nil
}

func (e *estimate) loss() float64 { return 0 }
func (e *estimate) bps() int      { return 2_500_000 }
