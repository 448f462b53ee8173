# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Builders and stores of bundles, and kernels of straw that say which build of a kernel they are.

# bundle_kernel ROOT K UTS-VERSION [headers] - make a kernel of straw with an image that has a boot
# header; with headers if that is asked for, else with its image and module tree alone.
bundle_kernel() {
	local root tree
	root=$(root_path "$1")
	tree=$root/lib/modules/$2
	fake_kernel "$1" "$2" || return
	printf '#define UTS_VERSION "%s"\n' "$3" >"$tree/build/include/generated/utsversion.h"
	[[ ${4:-} == headers ]] || rm -rf "$tree/build"
	bundle_image "$tree/vmlinuz" "$2 (builder@host) $3"
}

# bundle_image FILE TEXT - write an image for x86 whose boot header has this version.
bundle_image() {
	/usr/bin/python3 - "$@" <<-'EOT'
		import struct, sys
		image = bytearray(4096)
		image[0x202:0x206] = b"HdrS"
		image[0x20e:0x210] = struct.pack("<H", 0x400)
		text = sys.argv[2].encode() + b"\0"
		image[0x600:0x600 + len(text)] = text
		open(sys.argv[1], "wb").write(image)
	EOT
}

# bundle_builder NAME [OPTION...] - make NAME.key and NAME.pem in $CHECK_DIR: a key and a certificate
# of its own for code signing. OPTION goes to openssl req.
bundle_builder() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$CHECK_DIR/$1.key" -out "$CHECK_DIR/$1.pem" \
		-subj "/CN=$1" -days 3650 -addext basicConstraints=critical,CA:FALSE \
		-addext "extendedKeyUsage=${BUNDLE_PURPOSE:-codeSigning}" \
		-addext keyUsage=digitalSignature "${@:2}" 2>/dev/null && chmod 600 "$CHECK_DIR/$1.key"
}

# bundle_trust ROOT NAME... - let the machine trust these builders, and nobody else.
bundle_trust() {
	local root name
	root=$(root_path "$1")
	rm -rf "$root/etc/dkms/bundles.d" && mkdir -p "$root/etc/dkms/bundles.d" || return
	for name in "${@:2}"; do
		cp "$CHECK_DIR/$name.pem" "$root/etc/dkms/bundles.d/" || return
	done
}

# bundle_settings ROOT LINE... - what the machine's settings say of bundles.
bundle_settings() {
	local file
	file=$(root_path "$1")/etc/dkms/framework.conf.d/bundles.conf
	mkdir -p "${file%/*}" && printf '%s\n' "${@:2}" >"$file"
}

# bundle_key_files ROOT NAME - put key and certificate of a builder into the root, below /root.
bundle_key_files() {
	install -m 600 "$CHECK_DIR/$2.key" "$(root_path "$1")/root/$2.key" &&
		install -m 644 "$CHECK_DIR/$2.pem" "$(root_path "$1")/root/$2.pem"
}

# bundle_serve FOLDER MODE [CERTIFICATE KEY] - start tests/lib/bundle-server; sets PORT and SERVER, its
# process, which bundle_stop ends.
bundle_serve() {
	local file=$CHECK_DIR/port i
	rm -f "$file"
	/usr/bin/python3 "$DKMS_TEST_LIB/bundle-server" "$1" "$file" "${@:2}" >"$CHECK_DIR/server.log" 2>&1 &
	SERVER=$!
	for ((i = 0; i < 100; i++)); do
		[[ -e $file ]] && break
		sleep 0.1
	done
	# shellcheck disable=SC2034 # for the caller
	PORT=$(cat "$file") || { cat "$CHECK_DIR/server.log"; return 1; }
}

# bundle_web FOLDER - start a plain web server for the folder; sets WEB, its URL, and WEB_SERVER, its process,
# which the caller ends.
bundle_web() {
	local i port
	/usr/bin/python3 -u -m http.server --bind 127.0.0.1 --directory "$1" 0 >"$1.log" 2>&1 &
	# shellcheck disable=SC2034 # for the caller
	WEB_SERVER=$!
	for ((i = 0; i < 100; i++)); do
		port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' "$1.log")
		# shellcheck disable=SC2034
		[[ -z $port ]] || { WEB=http://127.0.0.1:$port; return 0; }
		sleep 0.1
	done
	return 1
}

# bundle_registry - start a registry for containers with TLS and a password, for a repository whose URL is
# REGISTRY; bundle_stop ends it. It keeps its files in $CHECK_DIR/registry.
bundle_registry() {
	local config=$CHECK_DIR/registry.yml i
	PORT=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$CHECK_DIR/tls.key" -out "$CHECK_DIR/tls.pem" \
		-subj /CN=localhost -days 30 -addext subjectAltName=IP:127.0.0.1 2>/dev/null
	htpasswd -Bbn fleet secret >"$CHECK_DIR/htpasswd" 2>/dev/null
	cat >"$config" <<-EOT
		version: 0.1
		log: {level: error}
		storage: {filesystem: {rootdirectory: $CHECK_DIR/registry}}
		http: {addr: '127.0.0.1:$PORT', tls: {certificate: $CHECK_DIR/tls.pem, key: $CHECK_DIR/tls.key}}
		auth: {htpasswd: {realm: dkms, path: $CHECK_DIR/htpasswd}}
	EOT
	docker-registry serve "$config" >"$CHECK_DIR/registry.log" 2>&1 &
	SERVER=$!
	# shellcheck disable=SC2034 # for the caller
	REGISTRY=oci://127.0.0.1:$PORT/fleet/dkms
	for ((i = 0; i < 100; i++)); do
		! curl -ks "https://127.0.0.1:$PORT/v2/" >/dev/null || return 0
		sleep 0.1
	done
	return 1
}

# bundle_registry_certificate ROOT - let skopeo there know who vouches for the registry.
bundle_registry_certificate() {
	local folder
	folder=$(root_path "$1")/etc/containers/certs.d/127.0.0.1:$PORT
	mkdir -p "$folder" && cp "$CHECK_DIR/tls.pem" "$folder/ca.crt"
}

# bundle_registry_password ROOT - give skopeo there the password.
bundle_registry_password() {
	local folder
	folder=$(root_path "$1")/root/.docker
	mkdir -p "$folder" && printf '{"auths": {"127.0.0.1:%s": {"auth": "%s"}}}\n' "$PORT" \
		"$(printf fleet:secret | base64)" >"$folder/config.json"
}

bundle_stop() {
	kill "$SERVER" 2>/dev/null
	wait "$SERVER" 2>/dev/null
	return 0
}
