package look

import "image"

// tile is how many pixels of a picture share one measure of the paper's lightness.
const tile = 32

// ground is how light the paper is at every place of a picture: light falls unevenly on a page that is photographed.
type ground struct {
	wide, high int // tiles
	light      []float64
}

// groundOf measures the paper. In a tile most of it is paper, or a neighbour's is: so the lightest of the near ones counts, and then their mean,
// since light changes slowly.
func groundOf(p *image.NRGBA) ground {
	g := ground{wide: (p.Rect.Dx() + tile - 1) / tile, high: (p.Rect.Dy() + tile - 1) / tile}
	for y := range g.high {
		for x := range g.wide {
			g.light = append(g.light, lightOf(p, image.Rect(x*tile, y*tile, (x+1)*tile, (y+1)*tile).Intersect(p.Rect)))
		}
	}
	g.light = g.near(func(a, b float64) float64 { return max(a, b) }, func(sum float64, _ int) float64 { return sum })
	g.light = g.near(func(a, b float64) float64 { return a + b }, func(sum float64, n int) float64 { return sum / float64(n) })
	return g
}

// lightOf is the lightness that four fifths of a part are below.
func lightOf(p *image.NRGBA, part image.Rectangle) float64 {
	var counts [256]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			c := p.Pix[p.PixOffset(x, y):]
			counts[uint8(255*lightness(c[0], c[1], c[2]))]++
		}
	}
	return share(&counts, part.Dx()*part.Dy()*4/5)
}

// near joins every tile with those around it.
func (g ground) near(join func(a, b float64) float64, end func(sum float64, n int) float64) []float64 {
	out := make([]float64, len(g.light))
	for y := range g.high {
		for x := range g.wide {
			sum, n := 0.0, 0
			for v := max(0, y-1); v <= min(g.high-1, y+1); v++ {
				for u := max(0, x-1); u <= min(g.wide-1, x+1); u++ {
					sum, n = join(sum, g.light[v*g.wide+u]), n+1
				}
			}
			out[y*g.wide+x] = end(sum, n)
		}
	}
	return out
}

// at gives the lightness of the paper at a pixel, between the middles of tiles.
func (g ground) at(x, y int) float64 {
	fx, fy := (float64(x)+0.5)/tile-0.5, (float64(y)+0.5)/tile-0.5
	fx, fy = min(max(fx, 0), float64(g.wide-1)), min(max(fy, 0), float64(g.high-1))
	u, v := int(fx), int(fy)
	u2, v2 := min(u+1, g.wide-1), min(v+1, g.high-1)
	dx, dy := fx-float64(u), fy-float64(v)
	top := g.light[v*g.wide+u]*(1-dx) + g.light[v*g.wide+u2]*dx
	low := g.light[v2*g.wide+u]*(1-dx) + g.light[v2*g.wide+u2]*dx
	return top*(1-dy) + low*dy
}
