package convert

func places() []string {
	return []string{"/Applications/LibreOffice*.app/Contents/MacOS/soffice"}
}
