package convert

func places() []string {
	return []string{
		"/usr/bin/soffice", "/usr/local/bin/soffice", "/usr/lib/libreoffice/program/soffice", "/usr/lib64/libreoffice/program/soffice",
		"/opt/libreoffice*/program/soffice", "/snap/bin/libreoffice",
	}
}
