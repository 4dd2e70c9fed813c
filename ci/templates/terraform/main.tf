# Checks a Dataiku DSS deployment with ackcheck after `terraform apply`, as a module:
#
#     module "ackcheck" {
#       source = "./terraform"
#       site   = "${path.root}/ackcheck.toml"
#       after  = [alicloud_cs_managed_kubernetes.dss.id, alicloud_instance.dss.id]
#     }
#
# It runs where Terraform runs, which is not the DSS host: `[host] local = false` in ackcheck.toml. Secrets that ackcheck.toml
# names as `{ env = "NAME" }` are in the environment of Terraform, so that none comes into the state.
terraform {
  # terraform_data came with 1.4.
  required_version = ">= 1.4"
}

variable "release" {
  description = "The release of ackcheck to fetch."
  type        = string
  default     = "0.0.0"
}

variable "sha256" {
  description = "Of the file that the mirror gives: `sha256sum ackcheck-VERSION-x86_64-linux`."
  type        = string
  default     = "0000000000000000000000000000000000000000000000000000000000000000"
}

variable "mirror" {
  description = "The folder with that file on a server of your own."
  type        = string
  default     = "https://artifacts.corp.example/ackcheck"
}

variable "site" {
  description = "The file that describes the deployment."
  type        = string
  default     = "ackcheck.toml"
}

variable "reports" {
  description = "The folder for the reports."
  type        = string
  default     = "ackcheck-reports"
}

variable "after" {
  description = "What has to be there first; a new value of it brings a new run."
  type        = list(string)
  default     = []
}

variable "allow_unjudged" {
  description = "A run in which something could not be judged (exit code 2) does not fail the apply."
  type        = bool
  default     = false
}

resource "terraform_data" "ackcheck" {
  # A run that failed leaves the resource tainted, so that the next apply checks again.
  triggers_replace = [var.release, var.sha256, filesha256(var.site), var.after]

  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-eu", "-c"]
    environment = {
      ACKCHECK_VERSION        = var.release
      ACKCHECK_SHA256         = var.sha256
      ACKCHECK_MIRROR         = var.mirror
      ACKCHECK_SITE           = var.site
      ACKCHECK_REPORTS        = var.reports
      ACKCHECK_ALLOW_UNJUDGED = var.allow_unjudged
    }
    command = <<-EOT
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      curl --fail --silent --show-error --location --retry 3 --output "$folder/ackcheck" \
        "$ACKCHECK_MIRROR/ackcheck-$ACKCHECK_VERSION-x86_64-linux"
      echo "$ACKCHECK_SHA256  $folder/ackcheck" | sha256sum -c -
      chmod 755 "$folder/ackcheck"
      mkdir -p "$ACKCHECK_REPORTS"
      code=0
      "$folder/ackcheck" run --site "$ACKCHECK_SITE" --timeout 30m --quiet \
        --report short \
        --report junit="$ACKCHECK_REPORTS/ackcheck.xml" \
        --report html="$ACKCHECK_REPORTS/ackcheck.html" \
        --report json="$ACKCHECK_REPORTS/ackcheck.json" || code=$?
      if [ "$code" = 2 ] && [ "$ACKCHECK_ALLOW_UNJUDGED" = true ]; then
        echo "Something could not be judged. This apply allows that."
        code=0
      fi
      exit "$code"
    EOT
  }
}
